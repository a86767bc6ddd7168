package dev.neap.postgres.fill;

import dev.neap.postgres.query.Names;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The statements that reconcile keys which the application wrote meanwhile. */
final class ReconcileSql extends FillSql {
    ReconcileSql(FillTables tables, FillNames names) {
        super(tables, names);
    }

    /**
     * Marks what is to be reconciled next: changes that this snapshot sees, the oldest first. Insertions wait for the
     * application's own second write.
     *
     * @param graceMs how long, in milliseconds
     */
    String pick(long most, long graceMs) {
        return "UPDATE " + names.changes() + " SET picked = true WHERE seq IN (SELECT change.seq FROM "
                + names.changes()
                + " AS change WHERE change.op <> 'I' OR change.at < clock_timestamp() - " + graceMs
                + " * interval '1 millisecond' ORDER BY change.seq LIMIT " + most + ")";
    }

    /** Records some rows as if the application had just changed them, and marks them; for a rehearsal. */
    String pretendChanges(@Nullable List<String> after, List<String> upTo, int most) {
        return "INSERT INTO " + names.changes() + " (op, picked, was, " + eachKey(i -> K + i, ", ")
                + ") SELECT 'U', true, to_jsonb("
                + Names.quote(tables.from().name().name()) + "), " + row(from, ", ")
                + " FROM " + from + " WHERE " + within(after, upTo) + " LIMIT " + most;
    }

    /** Nothing is marked: a pick whose keys were not reconciled is made anew. */
    String unpick() {
        return "UPDATE " + names.changes() + " SET picked = false WHERE picked";
    }

    /** How many changes could be marked. */
    String ripe(long graceMs) {
        return "SELECT count(*) FROM " + names.changes() + " AS change WHERE change.op <> 'I' OR change.at <"
                + " clock_timestamp() - " + graceMs + " * interval '1 millisecond'";
    }

    /** How many changes are recorded, picked or not. */
    String recorded() {
        return "SELECT count(*) FROM " + names.changes();
    }

    /** Whether the walked table was emptied. */
    String truncated() {
        return "SELECT EXISTS (SELECT FROM " + names.changes() + " AS change WHERE change.op = 'T')";
    }

    /** Takes away rows that the run wrote, and that the walked table no longer yields. */
    String deleteGone() {
        return "DELETE FROM " + into + " AS target WHERE (" + carried("target") + ") IN (" + picked() + ") AND "
                + oursOrStale("target") + " AND NOT EXISTS (SELECT FROM (SELECT " + typedValues() + " FROM " + from
                + " WHERE "
                + meant() + " AND " + carriedIs("target") + ") AS made WHERE "
                + tables.target().stream()
                        .map(c -> "made." + Names.quote(c) + " = target." + Names.quote(c))
                        .collect(Collectors.joining(" AND "))
                + ")";
    }

    /** Writes what the walked table yields now and the target lacks. Counts the rows that were put in. */
    String writeMissing(long graceMs) {
        return yieldedNow(graceMs) + "DO NOTHING";
    }

    /** Writes what the walked table yields now over what the run wrote, where it differs. */
    String writeAgain(long graceMs) {
        return yieldedNow(graceMs)
                + (others().isEmpty() ? "DO NOTHING" : replace(oursOrStale("target") + " AND " + differs()));
    }

    private String yieldedNow(long graceMs) {
        return insertHead() + "made.* FROM (SELECT " + typedValues() + " FROM " + from + " WHERE " + meant() + " AND "
                + pickedHere() + " AND NOT EXISTS (SELECT FROM " + names.changes()
                + " AS change WHERE change.op = 'I' AND NOT change.picked AND change.at >= clock_timestamp() - "
                + graceMs
                + " * interval '1 millisecond' AND " + sameAsChange() + " AND NOT EXISTS (SELECT FROM " + into
                + " AS there WHERE " + carriedIs("there") + "))) AS made\nON CONFLICT ("
                + Names.list(tables.target()) + ") ";
    }

    /** Forgets what was reconciled. */
    String forget() {
        return "DELETE FROM " + names.changes() + " WHERE picked";
    }

    /** The keys that are picked, as rows of text, for messages. */
    String pickedKeys() {
        return "SELECT DISTINCT " + eachKey(i -> "(change." + K + i + ")::text", ", ") + " FROM " + names.changes()
                + " AS change WHERE change.picked AND change.op <> 'T'";
    }

    private String picked() {
        return "SELECT " + eachKey(i -> "change." + K + i, ", ") + " FROM " + names.changes()
                + " AS change WHERE change.picked AND change.op <> 'T'";
    }

    private String pickedHere() {
        return "EXISTS (SELECT FROM " + names.changes() + " AS change WHERE change.picked AND change.op <> 'T' AND "
                + sameAsChange() + ")";
    }

    /**
     * A row whose other columns the application wrote since is not the run's own version any more; but as long as it holds
     * what the fill makes of the walked row as it was before a change, it has missed that change.
     */
    private String oursOrStale(String alias) {
        return "(" + ours(alias) + " OR EXISTS (SELECT FROM " + names.changes() + " AS change CROSS JOIN LATERAL "
                + names.was() + "(change.was) AS before (made) WHERE change.picked AND change.was IS NOT NULL AND "
                + eachKey(
                        i -> "change." + K + i + " = " + alias + "."
                                + Names.quote(tables.carried().get(i)),
                        " AND ")
                + " AND before.made = (SELECT to_jsonb(kept) FROM (SELECT "
                + fill.set().keySet().stream()
                        .map(c -> alias + "." + Names.quote(c))
                        .collect(Collectors.joining(", "))
                + ") AS kept)))";
    }

    /** What fails for the row as it was, was never written. */
    String wasFunction() {
        String body = "\n#variable_conflict use_column\nBEGIN\n    RETURN QUERY SELECT to_jsonb(neap_made) FROM ("
                + fromWas("neap_was") + ") AS neap_made;\nEXCEPTION WHEN OTHERS THEN\n    RETURN;\nEND\n";
        String tag = "$neap$";
        for (int i = 0; body.contains(tag); i++) {
            tag = "$neap" + i + "$";
        }
        return "CREATE OR REPLACE FUNCTION " + names.was() + "(neap_was jsonb) RETURNS SETOF jsonb\n"
                + "    LANGUAGE plpgsql STABLE AS " + tag + body + tag;
    }

    /** What the fill makes of a row that is given as JSON. */
    String fromWas(String json) {
        return "SELECT " + typedValues() + " FROM jsonb_populate_record(NULL::" + from + ", " + json + ") AS "
                + Names.quote(tables.from().name().name());
    }
}
