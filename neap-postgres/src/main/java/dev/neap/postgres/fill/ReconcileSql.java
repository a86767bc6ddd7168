package dev.neap.postgres.fill;

import dev.neap.postgres.query.Names;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The statements that reconcile keys which the application wrote meanwhile. */
final class ReconcileSql extends FillSql {
    /** So many rows may wait for others that they reference; each costs a transaction of its own. */
    private static final int MOST_WAITING = 1_000;

    /** A row that changes at least once in each of so many second writes' times is not left to the application longer. */
    private static final int AGAIN_AND_AGAIN = 4;

    ReconcileSql(FillTables tables, FillNames names) {
        super(tables, names);
    }

    /**
     * Marks what is to be reconciled next: changes that this snapshot sees, the oldest first. Insertions wait for the
     * application's own second write, and so do both halves of a changed key: it could not find a row that is gone. So
     * does an update where one row becomes several, until none came after it: the second write may be about to put some of
     * them in itself. What was missing when all was walked waits too.
     *
     * @param graceMs how long, in milliseconds
     */
    String pick(long most, long graceMs) {
        return "UPDATE " + names.changes() + " SET picked = true WHERE seq IN (SELECT change.seq" + ripe(graceMs)
                + " ORDER BY change.seq LIMIT " + most + ")";
    }

    /** Records some rows as if the application had just changed them, and marks them; for a rehearsal. */
    String pretendChanges(@Nullable List<String> after, List<String> upTo, int most) {
        return "INSERT INTO " + names.changes() + " (op, picked, was, " + eachKey(i -> K + i, ", ")
                + ") SELECT 'U', true, row_to_json("
                + Names.quote(tables.from().name().name()) + "), " + row(from, ", ")
                + " FROM " + from + " WHERE " + within(after, upTo) + " LIMIT " + most;
    }

    /** Nothing is marked: a pick whose keys were not reconciled is made anew. */
    String unpick() {
        return "UPDATE " + names.changes() + " SET picked = false WHERE picked";
    }

    private String ripe(long graceMs) {
        String waited = "change.at < " + ago(graceMs);
        return " FROM " + names.changes() + " AS change WHERE "
                + (tables.severalRows()
                        ? "(change.op NOT IN ('I', 'K', 'P', 'S', 'U', 'R') OR " + waited
                                + ") AND (change.op IN ('D', 'T') OR " + settled(graceMs) + ")"
                        : "change.op NOT IN ('I', 'K', 'P', 'S') OR " + waited);
    }

    /**
     * No change of the same key is on its way. But a row that is changed again and again must come some time: one that
     * changed in each of the last few such times. How old a change is says nothing: the run may have been waiting.
     */
    private String settled(long graceMs) {
        return "NOT " + changedAgain(graceMs, 0) + " OR "
                + IntStream.range(1, AGAIN_AND_AGAIN)
                        .mapToObj(ago -> changedAgain(graceMs, ago))
                        .collect(Collectors.joining(" AND "));
    }

    /** Whether the same key was changed in the last such time, or in one that many before it. */
    private String changedAgain(long graceMs, int before) {
        return "EXISTS (SELECT FROM " + names.changes() + " AS again WHERE again.op IN ('I', 'U', 'R') AND again.at >= "
                + ago((before + 1) * graceMs) + (before == 0 ? "" : " AND again.at < " + ago(before * graceMs))
                + " AND "
                + eachKey(i -> key.get(i).same("again." + K + i, "change." + K + i), " AND ") + ")";
    }

    /**
     * Lets go of picked keys that changed again since they were picked, where the second write of that is on its way; it
     * goes before the other statements, in their snapshot. Empty where none are left alone for that.
     */
    List<String> unpickUnsettled(long graceMs) {
        return tables.severalRows()
                ? List.of(
                        "UPDATE " + names.changes() + " AS change SET picked = false WHERE change.picked AND change.op"
                                + " NOT IN ('D', 'T') AND NOT (" + settled(graceMs) + ")")
                : List.of();
    }

    private static String ago(long ms) {
        return "clock_timestamp() - " + ms + " * interval '1 millisecond'";
    }

    /** Whether more changes than that could be marked. */
    String moreThan(long most, long graceMs) {
        return "SELECT count(*) > " + most + " FROM (SELECT" + ripe(graceMs) + " ORDER BY change.seq LIMIT "
                + (most + 1) + ") AS ripe";
    }

    /** Whether the walked table was emptied. */
    String truncated() {
        return "SELECT EXISTS (SELECT FROM " + names.changes() + " AS change WHERE change.op = 'T')";
    }

    /** Takes away rows that the run wrote, and that the walked table no longer yields. */
    String deleteGone() {
        return "DELETE FROM " + into + " AS target WHERE (" + carried("target") + ") IN (" + picked() + ") AND "
                + oursOrStale("target") + " AND NOT EXISTS (SELECT FROM (SELECT " + typedValues() + " FROM " + source()
                + " WHERE "
                + meant() + " AND " + carriedIs("target") + ") AS yielded WHERE "
                + hasItsKey("yielded") + ")";
    }

    /** Writes what the walked table yields now and the target lacks. Counts the rows that were put in. */
    String writeMissing(long graceMs) {
        return insertHead() + "yielded.* FROM (" + yieldedNow(graceMs) + ") AS yielded\nON CONFLICT ("
                + Names.list(tables.target()) + ") DO NOTHING";
    }

    /** Writes what the walked table yields now over what the run wrote, where it differs; empty where only keys are set. */
    String writeAgain(long graceMs) {
        return others().isEmpty() ? "" : overwrite(yieldedNow(graceMs), oursOrStale("target"));
    }

    /** What a transform made is staged for picked keys alone. */
    private String yieldedNow(long graceMs) {
        return "SELECT " + typedValues() + " FROM " + source() + " WHERE " + meant()
                + (fill.transform() == null ? " AND " + pickedHere() : "") + " AND NOT EXISTS (SELECT FROM "
                + names.changes()
                + " AS change WHERE change.op = 'I' AND NOT change.picked AND change.at >= clock_timestamp() - "
                + graceMs
                + " * interval '1 millisecond' AND " + sameAsChange() + " AND NOT EXISTS (SELECT FROM " + into
                + " AS there WHERE " + carriedIs("there") + "))";
    }

    /**
     * What is picked could not be written for want of a row that it references, which may be on its way: it is tried once
     * more, as long after this as an application's second write may take, or when everything is walked.
     */
    String waitForParent(boolean walking) {
        return "UPDATE " + names.changes() + " SET op = 'P', picked = false, at = "
                + (walking ? "'infinity'" : "clock_timestamp()") + " WHERE picked AND op <> 'P'";
    }

    /** The same of a key that is walked. */
    String waitForParent(List<String> walked) {
        return "INSERT INTO " + names.changes() + " (op, at, " + eachKey(i -> K + i, ", ")
                + ") SELECT 'P', 'infinity', made.* FROM (VALUES " + literal(walked) + ") AS made";
    }

    /** Whether one more may wait. */
    String mayWait() {
        return "SELECT count(*) < " + MOST_WAITING + " FROM " + names.changes() + " AS change WHERE change.op = 'P'";
    }

    /** Whether any waits, for that or because it is missing. */
    String anyWaits() {
        return "SELECT EXISTS (SELECT FROM " + names.changes() + " AS change WHERE change.op IN (" + FillCapture.WAITING
                + "))";
    }

    /**
     * Lets go of picked keys of which something is missing, in the snapshot of the other statements, for as long as a
     * second write may take: the application may be between taking the row out of the target and out of the walked table.
     * What was put in then would put off the end of the run again and again. A look at every row, which is over when
     * nothing had to be written after it, cannot wait.
     */
    String waitWhileMissing() {
        return "UPDATE " + names.changes() + " AS change SET op = 'S', picked = false, at = clock_timestamp() WHERE"
                + " change.picked AND change.op NOT IN (" + FillCapture.WAITING + ") AND NOT (SELECT f.whole FROM"
                + " neap.fill AS f WHERE " + names.mine("f") + ") AND EXISTS (SELECT FROM " + source() + " WHERE "
                + meant() + " AND " + sameAsChange() + " AND " + lacking() + " OFFSET 0)";
    }

    /** Reconciles what is not missing any more at once. What Java makes several rows of is looked at when it has waited. */
    String waitWhileMissingNoLonger() {
        boolean unknown = tables.severalRows() && fill.transform() != null;
        return "UPDATE " + names.changes()
                + " AS change SET op = 'R' WHERE change.op = 'S' AND NOT change.picked AND NOT"
                + " EXISTS (SELECT FROM " + from + " WHERE " + meant() + " AND " + sameAsChange()
                + (unknown ? "" : " AND " + lacking()) + " OFFSET 0)";
    }

    /** Nothing is on its way any more but what the application is about to write. */
    String waitNoLonger() {
        return "UPDATE " + names.changes() + " SET at = clock_timestamp() WHERE op = 'P' AND at = 'infinity'";
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
        return "(" + ours(alias) + " OR EXISTS (SELECT FROM " + names.changes() + " AS change " + beforeChange()
                + " WHERE change.picked AND change.was IS NOT NULL AND "
                + eachKey(
                        i -> "change." + K + i + " = " + alias + "."
                                + Names.quote(tables.carried().get(i)),
                        " AND ")
                + " AND before.yielded = (SELECT to_jsonb(kept) FROM (SELECT "
                + fill.columns().stream().map(c -> alias + "." + Names.quote(c)).collect(Collectors.joining(", "))
                + ") AS kept))" + (fill.byTrigger() && names.controlled() ? " OR " + missed(alias) : "") + ")";
    }

    /** The trigger that stands in for the application could not carry a change over to it. */
    private String missed(String alias) {
        return "EXISTS (SELECT FROM neap.quarantine AS aside WHERE " + names.mine("aside")
                + " AND aside.missed AND aside.key = ARRAY["
                + tables.carried().stream()
                        .map(c -> alias + "." + Names.quote(c) + "::text")
                        .collect(Collectors.joining(", "))
                + "])";
    }

    /** What the trigger could not carry over has been by now. */
    String mended() {
        return "DELETE FROM neap.quarantine AS aside WHERE " + names.mine("aside")
                + " AND aside.missed AND aside.key IN (SELECT ARRAY["
                + eachKey(i -> "change." + K + i + "::text", ", ") + "] FROM " + names.changes()
                + " AS change WHERE change.picked AND change.op <> 'T')";
    }

    /** What the fill makes of a row as it was before a change: computed there, or by Java and staged. */
    private String beforeChange() {
        if (fill.transform() == null) {
            return "CROSS JOIN LATERAL " + names.was() + "(change.was) AS before (yielded)";
        }
        String walked = Names.quote(tables.from().name().name());
        return "JOIN " + Staged.BEFORE
                + " AS made ON made.neap_seq = change.seq AND made.neap_yields CROSS JOIN LATERAL (SELECT"
                + " to_jsonb(whole) AS yielded FROM (SELECT " + typedValues(walked)
                + " FROM json_populate_record(NULL::" + from + ", change.was) AS " + walked + " WHERE "
                + meant(walked) + ") AS whole) AS before";
    }

    /**
     * Lets go of picked keys whose row is not as it was read: what changed it is recorded too, and they are picked again.
     * The row is looked for key by key: OFFSET keeps it so.
     */
    String unpickChanged() {
        return "UPDATE " + names.changes() + " AS change SET picked = false WHERE " + changed();
    }

    /** Which those are. */
    String changedKeys() {
        return "SELECT change.seq FROM " + names.changes() + " AS change WHERE " + changed();
    }

    private String changed() {
        return "change.picked AND EXISTS (SELECT FROM " + from + " WHERE " + meant() + " AND " + sameAsChange()
                + " AND NOT EXISTS (SELECT FROM " + Staged.MADE + " AS made WHERE " + matches() + ") OFFSET 0)";
    }

    /** The rows of the walked table that are to be transformed for picked keys. */
    String toTransform(StageSql stage) {
        return stage.read(true) + meant() + " AND " + pickedHere();
    }

    /**
     * Whether a change is left that must be reconciled before capture may end. Of one that was recorded later after the last
     * row was put in than a second write may take, the application's other write met what stood there, or will: unless the
     * run itself wrote the row between the two.
     */
    String undecided(long graceMs) {
        String grace = graceMs + " * interval '1 millisecond'";
        return "SELECT EXISTS (SELECT FROM " + names.changes()
                + " AS change WHERE change.op IN ('M', 'R', 'W', 'T') OR change.at < (SELECT f.last_insert FROM neap.fill AS f"
                + " WHERE " + names.mine("f") + ") + " + grace
                + " OR change.op <> 'I' AND EXISTS (SELECT FROM " + into
                + " AS target JOIN neap.batch AS wrote ON wrote.xid = target.xmin AND wrote.run_id = " + names.run()
                + " WHERE wrote.at > change.at - " + grace + " AND "
                + eachKey(i -> "target." + Names.quote(tables.carried().get(i)) + " = change." + K + i, " AND ")
                + "))";
    }

    /** What fails for the row as it was, was never written. */
    String wasFunction() {
        String body = "#variable_conflict use_column\nBEGIN\n    RETURN QUERY SELECT to_jsonb(neap_made) FROM ("
                + fromWas("neap_was")
                + ") AS neap_made;\nEXCEPTION WHEN OTHERS OR ASSERT_FAILURE THEN\n    RETURN;\nEND\n";
        return "CREATE OR REPLACE FUNCTION " + names.was() + "(neap_was json) RETURNS SETOF jsonb\n"
                + "    LANGUAGE plpgsql STABLE AS " + Names.body(body);
    }

    /** What the fill makes of a row that is given as JSON: nothing, where it was not meant. */
    String fromWas(String json) {
        String walked = Names.quote(tables.from().name().name());
        return "SELECT " + typedValues() + " FROM json_populate_record(NULL::" + from + ", " + json + ") AS " + walked
                + " WHERE " + meant(walked);
    }
}
