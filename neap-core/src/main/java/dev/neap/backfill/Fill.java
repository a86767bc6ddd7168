package dev.neap.backfill;

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
 * @param set column of {@code into} to SQL over a row of {@code from}, in the file's order; at least one
 * @param reads other tables that the SQL reads
 * @param conflict what becomes of what is there already
 * @param alreadyRight a predicate that is true for rows of {@code into} that need nothing; null where none is needed
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
        @Nullable String alreadyRight)
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
        if (set.isEmpty()) {
            throw new IllegalArgumentException("a fill sets at least one column");
        }
        key = List.copyOf(key);
        set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
        reads = List.copyOf(reads);
    }

    @Override
    public TableName table() {
        return into;
    }

    /** Whether columns are filled of the very rows that are walked. */
    public boolean inPlace() {
        return from.equals(into);
    }
}
