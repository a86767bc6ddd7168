package dev.neap.backfill;

import dev.neap.backfill.Fill.KeyRange;
import dev.neap.backfill.FillSource.KeysSource;
import dev.neap.backfill.FillSource.TransformClass;
import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import dev.neap.transform.TransformSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads `fill`, and refuses what cannot go together. */
final class FillCompiler {
    private final FillSource fill;
    private final Settings settings;
    private final Complaint complaint;
    private final String path;
    private final Function<TransformClass, @Nullable TransformSource> loading;

    /**
     * @param path where it stands in the file: `fill`, or `fill.2` for the second of several
     * @param loading makes the transform that a class is named for
     */
    FillCompiler(
            FillSource fill,
            String path,
            Settings settings,
            Complaint complaint,
            Function<TransformClass, @Nullable TransformSource> loading) {
        this.loading = loading;
        this.fill = fill;
        this.path = path;
        this.settings = settings;
        this.complaint = complaint;
    }

    /** The fill, or null after a problem. */
    @Nullable
    Fill fill() {
        TableName into = table(path + ".into", fill.into());
        TableName from = fill.from() == null ? into : table(path + ".from", fill.from());
        List<String> key = Objects.requireNonNullElse(fill.key(), List.of());
        for (int i = 0; i < key.size(); i++) {
            settings.note(path + ".key." + i, key.get(i));
        }
        KeyRange keys = keys(fill.keys());
        noted(path + ".where", fill.where());
        Map<String, String> set = set();
        TransformSource transform = transform();
        List<TableName> reads = reads();
        Conflict conflict = settings.fromFile(path + ".conflict", fill.conflict(), Conflict.KEEP, "default");
        noted(path + ".already_right", fill.alreadyRight());
        DualWrite dualWrite =
                new DualWriteCompiler(fill, path, settings, complaint).dualWrite(into != null && into.equals(from));
        if (into == null || from == null || set.isEmpty() == (transform == null)) {
            return null;
        }
        boolean inPlace = from.equals(into);
        List<String> columns = transform == null
                ? List.copyOf(set.keySet())
                : transform.schema().sets();
        if (inPlace && transform != null && !transform.schema().carries().isEmpty()) {
            complaint.about(
                    path + ".transform",
                    "its schema carries a column to another table, and there is one table; leave it out");
        }
        if (inPlace && conflict.rule() == Conflict.Rule.NEWER) {
            complaint.about(path + ".conflict", "newer compares two tables, and there is one; write keep or overwrite");
        }
        if (!inPlace && conflict.newer() != null && !columns.contains(conflict.newer())) {
            complaint.about(
                    path + ".conflict",
                    "newer(" + conflict.newer() + ") names a column that "
                            + (transform == null ? "set does not have" : "the transform does not write") + "; add it");
        }
        if (!inPlace && fill.alreadyRight() != null) {
            complaint.about(
                    path + ".already_right",
                    "it goes with columns of the same table; with another table, conflict says what becomes of rows"
                            + " that are there");
        }
        return new Fill(
                from, into, key, keys, fill.where(), set, reads, conflict, fill.alreadyRight(), transform, dualWrite);
    }

    private Map<String, String> set() {
        Map<String, String> set = new LinkedHashMap<>(Objects.requireNonNullElse(fill.set(), Map.of()));
        set.forEach((column, sql) -> settings.note(path + ".set." + column, sql.strip()));
        if (fill.set() == null && fill.transform() == null) {
            complaint.about(path, "it has neither set nor transform; write one of them");
        } else if (fill.set() != null && set.isEmpty()) {
            complaint.about(path + ".set", "it is empty; write at least one 'column: SQL expression'");
        }
        return set;
    }

    private @Nullable TransformSource transform() {
        TransformClass named = fill.transform();
        if (named == null) {
            return null;
        }
        settings.note(path + ".transform.class", named.type());
        settings.note(path + ".transform.jar", named.jar());
        if (fill.set() != null) {
            complaint.about(path + ".transform", "it cannot go with set; the transform writes all columns");
            return null;
        }
        if (fill.reads() != null) {
            complaint.about(
                    path + ".reads", "it goes with SQL in set; a transform reads nothing but the row that it is given");
        }
        return loading.apply(named);
    }

    private @Nullable TableName table(String where, String text) {
        settings.note(where, text);
        TableName table = TableName.parse(text).orElse(null);
        if (table == null) {
            complaint.about(where, "'" + text + "' is no table name; write schema.table, as in SQL");
        }
        return table;
    }

    private void noted(String where, @Nullable String value) {
        if (value != null) {
            settings.note(where, value.strip());
        }
    }

    private KeyRange keys(@Nullable KeysSource keys) {
        if (keys == null) {
            return KeyRange.ALL;
        }
        noted(path + ".keys.from", keys.from() == null ? null : String.join(", ", keys.from()));
        noted(path + ".keys.to", keys.to() == null ? null : String.join(", ", keys.to()));
        return new KeyRange(keys.from(), keys.to());
    }

    private List<TableName> reads() {
        List<String> given = Objects.requireNonNullElse(fill.reads(), List.of());
        List<TableName> tables = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            TableName table = table(path + ".reads." + i, given.get(i));
            if (table != null) {
                tables.add(table);
            }
        }
        return tables;
    }
}
