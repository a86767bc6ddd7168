package dev.neap.backfill;

import dev.neap.transform.TransformSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fill: columns of a table from its own rows, or from other tables, or the rows of another table.
 *
 * @param from the table whose rows are walked; the same as {@code into} where columns of one table are filled
 * @param into the table that is written
 * @param key the columns of {@code from} by which it is walked; empty for its primary key
 * @param keys which part of the key is walked
 * @param where a predicate over the rows of {@code from}; null for all of them
 * @param set column of {@code into} to SQL over a row of {@code from}, in the file's order; at least one, unless there is
 *     a transform
 * @param reads other tables that the SQL reads
 * @param conflict what becomes of what is there already
 * @param alreadyRight a predicate that is true for rows of {@code into} that need nothing; null where none is needed
 * @param transform what makes the rows in Java, in place of {@code set}; null where SQL does
 * @param dualWrite who writes {@code into} where the application writes {@code from}
 */
public record Fill(
        TableName from,
        TableName into,
        List<String> key,
        KeyRange keys,
        @Nullable String where,
        Map<String, String> set,
        List<TableName> reads,
        Conflict conflict,
        @Nullable String alreadyRight,
        @Nullable TransformSource transform,
        DualWrite dualWrite)
        implements Strategy {
    /**
     * A part of the key space.
     *
     * @param from the key's values, one for each of its columns: the first row; null for no bound
     * @param to likewise: the rows before it
     */
    public record KeyRange(
            @Nullable List<String> from, @Nullable List<String> to) {
        /** All of it. */
        public static final KeyRange ALL = new KeyRange(null, null);

        public KeyRange {
            from = from == null ? null : List.copyOf(from);
            to = to == null ? null : List.copyOf(to);
        }
    }

    public Fill {
        if (set.isEmpty() == (transform == null)) {
            throw new IllegalArgumentException("a fill sets at least one column in SQL, or all of them in Java");
        }
        key = List.copyOf(key);
        set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
        reads = List.copyOf(reads);
    }

    /**
     * All rows of a table along its primary key, made in SQL, beside an application that writes both places; what is there
     * already stays.
     *
     * @param set as in {@link Fill}
     */
    public static Fill of(TableName from, TableName into, Map<String, String> set) {
        return of(from, into, set, null);
    }

    /** The same in Java. */
    public static Fill of(TableName from, TableName into, TransformSource transform) {
        return of(from, into, Map.of(), transform);
    }

    private static Fill of(
            TableName from, TableName into, Map<String, String> set, @Nullable TransformSource transform) {
        return new Fill(
                from,
                into,
                List.of(),
                KeyRange.ALL,
                null,
                set,
                List.of(),
                Conflict.KEEP,
                null,
                transform,
                DualWrite.APPLICATION);
    }

    /** The same from another table. */
    public Fill from(TableName other) {
        return new Fill(other, into, key, keys, where, set, reads, conflict, alreadyRight, transform, dualWrite);
    }

    /** The columns of {@code into} that are set, in their order. */
    public List<String> columns() {
        return transform == null
                ? List.copyOf(set.keySet())
                : transform.schema().sets();
    }

    @Override
    public TableName table() {
        return into;
    }

    /** Whether a trigger writes {@code into} in the application's stead. */
    public boolean byTrigger() {
        return dualWrite == DualWrite.TRIGGER;
    }

    /** Whether this fill and another go each way between the same two tables, and triggers keep both up to date. */
    public boolean goesBackOn(Fill other) {
        return byTrigger() && other.byTrigger() && from.equals(other.into) && into.equals(other.from);
    }

    /** Whether columns are filled of the very rows that are walked. */
    public boolean inPlace() {
        return from.equals(into);
    }
}
