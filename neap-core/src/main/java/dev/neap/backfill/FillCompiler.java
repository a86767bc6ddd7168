package dev.neap.backfill;

import dev.neap.backfill.BackfillSource.FillSource;
import dev.neap.backfill.BackfillSource.KeysSource;
import dev.neap.backfill.Fill.KeyRange;
import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads `fill`, and refuses what cannot go together. */
final class FillCompiler {
    private final FillSource fill;
    private final Settings settings;
    private final Complaint complaint;
    private final String path;

    /** @param path where it stands in the file: `fill`, or `fill.2` for the second of several */
    FillCompiler(FillSource fill, String path, Settings settings, Complaint complaint) {
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
        Map<String, String> set = new LinkedHashMap<>(fill.set());
        set.forEach((column, sql) -> settings.note(path + ".set." + column, sql.strip()));
        if (set.isEmpty()) {
            complaint.about(path + ".set", "it is empty; write at least one 'column: SQL expression'");
        }
        List<TableName> reads = reads();
        Conflict conflict = settings.fromFile(path + ".conflict", fill.conflict(), Conflict.KEEP, "default");
        noted(path + ".already_right", fill.alreadyRight());
        if (into == null || from == null || set.isEmpty()) {
            return null;
        }
        boolean inPlace = from.equals(into);
        if (inPlace && conflict.rule() == Conflict.Rule.NEWER) {
            complaint.about(path + ".conflict", "newer compares two tables, and there is one; write keep or overwrite");
        }
        if (!inPlace && conflict.newer() != null && !set.containsKey(conflict.newer())) {
            complaint.about(
                    path + ".conflict",
                    "newer(" + conflict.newer() + ") names a column that set does not have; add it");
        }
        if (!inPlace && fill.alreadyRight() != null) {
            complaint.about(
                    path + ".already_right",
                    "it goes with columns of the same table; with another table, conflict says what becomes of rows"
                            + " that are there");
        }
        return new Fill(from, into, key, keys, fill.where(), set, reads, conflict, fill.alreadyRight());
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
