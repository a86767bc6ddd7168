package dev.neap.backfill;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads `recompute` with what belongs to it, and refuses what cannot go with it. */
final class SourceRecomputeCompiler {
    private final RebuildSource rebuild;
    private final Settings settings;
    private final Complaint complaint;

    /** Says what is wrong with the value of a key. */
    interface Complaint {
        void about(String path, String message);
    }

    SourceRecomputeCompiler(RebuildSource rebuild, Settings settings, Complaint complaint) {
        this.rebuild = rebuild;
        this.settings = settings;
        this.complaint = complaint;
    }

    /** The recompute, or null where the file has none or after a problem. */
    @Nullable
    SourceRecompute recompute() {
        String sql = rebuild.recompute();
        if (sql == null) {
            withoutRecompute();
            return null;
        }
        settings.note("rebuild.recompute", sql.strip());
        List<TableName> reads = reads();
        MissingInSource missing = rebuild.missingInSource();
        if (missing == null) {
            complaint.about(
                    "rebuild.recompute",
                    "it needs missing_in_source: keep or drop, for rows of the live partition whose key it does not"
                            + " yield; there is no default");
        } else {
            settings.fromFile("rebuild.missing_in_source", missing, missing, "");
        }
        together();
        return missing == null || sql.isBlank() || reads.isEmpty() ? null : new SourceRecompute(sql, reads, missing);
    }

    private void withoutRecompute() {
        if (rebuild.set() == null) {
            complaint.about("rebuild", "it has neither set nor recompute; write one of them");
        }
        if (rebuild.reads() != null) {
            complaint.about("rebuild.reads", "it goes with recompute, which is not there");
        }
        if (rebuild.missingInSource() != null) {
            complaint.about("rebuild.missing_in_source", "it goes with recompute, which is not there");
        }
    }

    private List<TableName> reads() {
        List<String> given = Objects.requireNonNullElse(rebuild.reads(), List.of());
        if (given.isEmpty()) {
            complaint.about(
                    "rebuild.recompute",
                    "it needs reads: a list of every table that it reads, such as [raw_events, fx]");
        }
        List<TableName> tables = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            String path = "rebuild.reads." + i;
            settings.note(path, given.get(i));
            TableName table = TableName.parse(given.get(i)).orElse(null);
            if (table == null) {
                complaint.about(path, "'" + given.get(i) + "' is no table name; write schema.table, as in SQL");
            } else if (tables.contains(table)) {
                complaint.about(path, table + " is named twice");
            } else if (TableName.parse(rebuild.table()).filter(table::equals).isPresent()) {
                complaint.about(
                        path,
                        "it is the table that is rebuilt; a recompute reads other tables, and `set` recomputes row by row");
            } else {
                tables.add(table);
            }
        }
        return tables;
    }

    private void together() {
        if (rebuild.set() != null) {
            complaint.about("rebuild.set", "it cannot go with recompute; write one of the two");
        }
        if (rebuild.alreadyRight() != null) {
            complaint.about(
                    "rebuild.already_right", "it goes with set; a recompute yields every row anew from its source");
        }
        if (rebuild.cutover() == Cutover.MERGE) {
            complaint.about("rebuild.cutover", "merge goes with set only; write swap");
        }
        if (rebuild.applicationWrites() != ApplicationWrites.NEW && rebuild.writes() != LiveWrites.NONE) {
            complaint.about(
                    "rebuild.recompute",
                    "it needs application_writes: new, as rows that the application still writes in the old form could"
                            + " not be recomputed one by one afterwards; or writes: none when it does not write");
        }
    }
}
