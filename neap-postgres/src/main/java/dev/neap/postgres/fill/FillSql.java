package dev.neap.postgres.fill;

import dev.neap.backfill.Conflict;
import dev.neap.backfill.Fill;
import dev.neap.dialect.SegmentFill;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.shadow.KeyColumn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a fill. The user's expressions stand where the walked table is the only one in sight, under its own
 * name; every column of Neap's own is written with its table.
 */
final class FillSql {
    private static final String K = FillNames.KEY_PREFIX;

    private final Fill fill;
    private final FillTables tables;
    private final FillNames names;
    private final List<KeyColumn> key;
    private final String from;
    private final String into;

    FillSql(FillTables tables, FillNames names) {
        this.fill = tables.fill();
        this.tables = tables;
        this.names = names;
        this.key = tables.key();
        this.from = Names.quote(tables.from().name());
        this.into = Names.quote(tables.into().name());
    }

    /** Which rows of the walked table are meant at all. */
    private String meant() {
        List<String> all = new ArrayList<>();
        List<String> first = fill.keys().from();
        List<String> end = fill.keys().to();
        if (first != null) {
            all.add(row(from) + " >= " + literal(first));
        }
        if (end != null) {
            all.add(row(from) + " < " + literal(end));
        }
        if (fill.where() != null) {
            all.add("(" + fill.where() + "\n)");
        }
        return all.isEmpty() ? "true" : String.join(" AND ", all);
    }

    /** Rows that need work, as far as the row itself tells; never null. */
    private String wanted() {
        return fill.inPlace() ? meant() + " AND " + notRight() : meant();
    }

    /** The same without the expressions of `set`, which may fail, and are not asked twice. */
    private String likely() {
        if (!fill.inPlace()) {
            return meant();
        }
        if (fill.alreadyRight() != null) {
            return meant() + " AND (" + fill.alreadyRight() + "\n) IS NOT TRUE";
        }
        return fill.conflict().rule() == Conflict.Rule.KEEP
                ? meant() + " AND "
                        + fill.set().keySet().stream()
                                .map(c -> column(into, c) + " IS NULL")
                                .collect(Collectors.joining(" OR ", "(", ")"))
                : meant();
    }

    /** A row of the table that is filled in place needs work. The expressions see the row under its table's name. */
    private String notRight() {
        String right = fill.alreadyRight();
        String needs = fill.conflict().rule() == Conflict.Rule.KEEP && right == null
                ? fill.set().entrySet().stream()
                        .map(e -> "(" + column(into, e.getKey()) + " IS NULL AND (" + e.getValue() + "\n) IS NOT NULL)")
                        .collect(Collectors.joining(" OR ", "(", ")"))
                : record(fill.set().keySet(), c -> column(into, c)) + "::record *<> "
                        + record(fill.set().keySet(), this::typed) + "::record";
        return right == null ? needs : "((" + right + "\n) IS NOT TRUE AND " + needs + ")";
    }

    private String typed(String column) {
        return tables.into()
                .column(column)
                .orElseThrow()
                .assigned("(" + fill.set().get(column) + "\n)");
    }

    /**
     * The key that the next batch ends with, as text; how many rows lie before it; and how many of these it wants. No row
     * where nothing is left. It locks nothing, and reads a bounded number of rows.
     *
     * @param after the checkpoint; null at the beginning
     * @param upTo the segment's last key
     */
    String upper(@Nullable List<String> after, List<String> upTo, int rows) {
        boolean choosy = rows > 1 && (fill.where() != null || fill.inPlace());
        long read = choosy ? (long) rows * SegmentFill.LOOKS_FOR_EACH : rows;
        return "SELECT " + eachKey(i -> "(seen." + K + i + ")::text", ", ") + ", seen.looked, seen.wanted FROM (SELECT "
                + eachKey(i -> "near." + K + i, ", ") + ", row_number() OVER (ORDER BY "
                + eachKey(i -> "near." + K + i, ", ") + ") AS looked, sum(near.wanted::int) OVER (ORDER BY "
                + eachKey(i -> "near." + K + i, ", ")
                + ") AS wanted FROM (SELECT "
                + eachKey(i -> column(from, key.get(i).name()) + " AS " + K + i, ", ")
                + ", " + (choosy ? "coalesce(" + likely() + ", false)" : "true") + " AS wanted FROM " + from + " WHERE "
                + within(after, upTo) + " ORDER BY " + row(from, ", ") + " LIMIT " + read
                + ") AS near) AS seen WHERE seen.wanted <= " + rows + " ORDER BY "
                + eachKey(i -> "seen." + K + i + " DESC", ", ") + " LIMIT 1";
    }

    /** A batch's statement as it can be compiled before there is a key, or a table of changes. */
    String compiled() {
        if (fill.inPlace()) {
            return "UPDATE " + into + " SET "
                    + fill.set().keySet().stream()
                            .map(c -> Names.quote(c) + " = " + kept(c))
                            .collect(Collectors.joining(", "))
                    + " WHERE " + wanted();
        }
        return insertHead() + values() + " FROM " + from + " WHERE " + meant() + "\nON CONFLICT ("
                + Names.list(tables.target()) + ") " + onConflict();
    }

    /** Writes the rows of a part of the key. Counts the rows that were written. */
    String batch(@Nullable List<String> after, List<String> upTo) {
        return fill.inPlace() ? update(after, upTo) : insert(after, upTo);
    }

    /**
     * Locks the rows of a part of the key that need work, in the key's order. Where the expressions read other tables they
     * must be read after the rows are had: an application that changed both in between is seen whole, or comes after.
     */
    String lock(@Nullable List<String> after, List<String> upTo) {
        return "SELECT count(*) FROM (SELECT FROM " + from + " WHERE " + within(after, upTo) + " AND " + wanted()
                + " ORDER BY " + row(from, ", ") + " FOR NO KEY UPDATE) AS locked";
    }

    /** A row that changed since the snapshot is looked at again as it is now, by the server itself. */
    private String update(@Nullable List<String> after, List<String> upTo) {
        return updateWhere(after, upTo, wanted());
    }

    private String updateWhere(@Nullable List<String> after, List<String> upTo, String condition) {
        return "UPDATE " + into + " SET "
                + fill.set().keySet().stream()
                        .map(c -> Names.quote(c) + " = " + kept(c))
                        .collect(Collectors.joining(", "))
                + " WHERE " + within(after, upTo) + " AND " + condition;
    }

    private String kept(String column) {
        String value = "(" + fill.set().get(column) + "\n)";
        return fill.conflict().rule() == Conflict.Rule.KEEP && fill.alreadyRight() == null
                ? "CASE WHEN " + column(into, column) + " IS NULL THEN " + value + " ELSE " + column(into, column)
                        + " END"
                : value;
    }

    /** Rows that the application inserted since the run began are left to its own second write. */
    private String insert(@Nullable List<String> after, List<String> upTo) {
        return insertHead() + values() + " FROM " + from + " WHERE " + within(after, upTo) + " AND " + meant()
                + " AND NOT EXISTS (SELECT FROM " + names.changes() + " AS change WHERE change.op = 'I' AND "
                + sameAsChange() + ")\nON CONFLICT (" + Names.list(tables.target()) + ") " + onConflict();
    }

    private String insertHead() {
        return "INSERT INTO " + into + " AS target (" + Names.list(fill.set().keySet())
                + ") OVERRIDING SYSTEM VALUE\nSELECT ";
    }

    private String values() {
        return fill.set().values().stream().map(sql -> "(" + sql + "\n)").collect(Collectors.joining(", "));
    }

    private String onConflict() {
        String newer = fill.conflict().newer();
        return switch (fill.conflict().rule()) {
            case KEEP -> "DO NOTHING";
            case OVERWRITE -> replace(differs());
            case NEWER ->
                replace("(EXCLUDED." + Names.quote(String.valueOf(newer)) + " > target."
                        + Names.quote(String.valueOf(newer)) + " OR target." + Names.quote(String.valueOf(newer))
                        + " IS NULL)");
        };
    }

    private String replace(String where) {
        List<String> others = others();
        if (others.isEmpty()) {
            return "DO NOTHING";
        }
        return "DO UPDATE SET "
                + others.stream()
                        .map(c -> Names.quote(c) + " = EXCLUDED." + Names.quote(c))
                        .collect(Collectors.joining(", "))
                + " WHERE " + where;
    }

    private List<String> others() {
        return fill.set().keySet().stream()
                .filter(c -> !tables.target().contains(c))
                .toList();
    }

    private String differs() {
        return record(others(), c -> "target." + Names.quote(c)) + "::record *<> "
                + record(others(), c -> "EXCLUDED." + Names.quote(c)) + "::record";
    }

    // What follows reconciles keys that the application wrote meanwhile.

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

    private String typedValues() {
        return fill.set().entrySet().stream()
                .map(e -> typed(e.getKey()) + " AS " + Names.quote(e.getKey()))
                .collect(Collectors.joining(", "));
    }

    private String ours(String alias) {
        return "EXISTS (SELECT FROM neap.batch AS wrote WHERE wrote.xid = " + alias + ".xmin AND wrote.run_id = "
                + names.run() + ")";
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

    private String sameAsChange() {
        return eachKey(
                i -> key.get(i).same("change." + K + i, column(from, key.get(i).name())), " AND ");
    }

    private String carried(String alias) {
        return tables.carried().stream().map(c -> alias + "." + Names.quote(c)).collect(Collectors.joining(", "));
    }

    private String carriedIs(String alias) {
        return eachKey(
                i -> alias + "." + Names.quote(tables.carried().get(i)) + " = "
                        + column(from, key.get(i).name()),
                " AND ");
    }

    // What follows looks for rows that were missed.

    /** The key that a look over so many rows ends with, as text. */
    String lookUpper(@Nullable List<String> after, List<String> upTo, int rows) {
        return "SELECT " + eachKey(i -> "(near." + K + i + ")::text", ", ") + " FROM (SELECT "
                + eachKey(i -> column(from, key.get(i).name()) + " AS " + K + i, ", ") + " FROM " + from + " WHERE "
                + within(after, upTo) + " ORDER BY " + row(from, ", ") + " LIMIT " + rows + ") AS near ORDER BY "
                + eachKey(i -> "near." + K + i + " DESC", ", ") + " LIMIT 1";
    }

    /**
     * Records rows that are missing in the target.
     *
     * @param whole records every row instead, and every row of the run's own that came from a row that is gone
     * @param aside whether any row was set aside; those are not asked
     */
    String look(@Nullable List<String> after, List<String> upTo, boolean whole, boolean aside) {
        return "INSERT INTO " + names.changes() + " (op, " + eachKey(i -> K + i, ", ") + ") SELECT "
                + (whole ? "'W'" : "'M'") + ", " + row(from, ", ") + " FROM " + from + " WHERE " + within(after, upTo)
                + " AND " + butForThoseAside(whole ? meant() : meant() + " AND " + missing(), aside);
    }

    /** Writes rows of a part of the key that were missed, but for those that were set aside. */
    String updateMissed(@Nullable List<String> after, List<String> upTo, boolean aside) {
        return updateWhere(after, upTo, butForThoseAside(wanted(), aside));
    }

    /** How many rows of a part of the key were missed that were written before this transaction. */
    String countMissed(@Nullable List<String> after, List<String> upTo, boolean aside, String before) {
        return "SELECT count(*) FROM " + into + " WHERE " + within(after, upTo) + " AND age(" + into
                + ".xmin) > age(CAST('" + before + "' AS xid8)::xid) AND " + butForThoseAside(wanted(), aside);
    }

    /** What fails for a row must not be asked of it again: nothing else than a CASE says what is evaluated first. */
    private String butForThoseAside(String condition, boolean aside) {
        return aside
                ? "CASE WHEN ARRAY["
                        + eachKey(i -> "(" + column(from, key.get(i).name()) + ")::text", ", ")
                        + "] NOT IN (SELECT aside.key FROM neap.quarantine AS aside WHERE aside.run_id = " + names.run()
                        + ") THEN " + condition + " ELSE false END"
                : condition;
    }

    /** Whether any row was set aside. */
    String anyAside() {
        return "SELECT EXISTS (SELECT FROM neap.quarantine AS aside WHERE aside.run_id = " + names.run() + ")";
    }

    private String missing() {
        String young = "NOT EXISTS (SELECT FROM " + names.changes() + " AS change WHERE change.op = 'I' AND "
                + sameAsChange() + ")";
        if (tables.target().equals(tables.carried())) {
            return "NOT EXISTS (SELECT FROM " + into + " AS there WHERE " + carriedIs("there") + ") AND " + young;
        }
        return "EXISTS (SELECT FROM (SELECT " + typedValues() + ") AS made WHERE NOT EXISTS (SELECT FROM " + into
                + " AS there WHERE "
                + tables.target().stream()
                        .map(c -> "there." + Names.quote(c) + " = made." + Names.quote(c))
                        .collect(Collectors.joining(" AND "))
                + ")) AND " + young;
    }

    /** Records rows of the run's own whose row in the walked table is gone, in a part of the key. */
    String lookGone(@Nullable List<String> after, @Nullable List<String> upTo) {
        String row = "(" + carried("target") + ")";
        return "INSERT INTO " + names.changes() + " (op, " + eachKey(i -> K + i, ", ") + ") SELECT DISTINCT 'W', "
                + carried("target") + " FROM " + into + " AS target WHERE "
                + (after == null ? "" : row + " > " + literal(after) + " AND ")
                + (upTo == null ? "" : row + " <= " + literal(upTo) + " AND ") + ours("target")
                + " AND NOT EXISTS (SELECT FROM " + from + " WHERE " + carriedIs("target") + ")";
    }

    // The key.

    /** A part of the key, on the walked table. */
    private String within(@Nullable List<String> after, List<String> upTo) {
        return (after == null ? "" : row(from) + " > " + literal(after) + " AND ") + row(from) + " <= " + literal(upTo);
    }

    private String row(String table) {
        return "(" + row(table, ", ") + ")";
    }

    private String row(String table, String joint) {
        return eachKey(i -> column(table, key.get(i).name()), joint);
    }

    private static String column(String table, String column) {
        return table + "." + Names.quote(column);
    }

    private String literal(List<String> values) {
        return "("
                + eachKey(
                        i -> "CAST(" + Names.literal(values.get(i)) + " AS "
                                + key.get(i).type() + ")",
                        ", ") + ")";
    }

    private String eachKey(IntFunction<String> each, String joint) {
        return IntStream.range(0, key.size()).mapToObj(each).collect(Collectors.joining(joint));
    }

    private static String record(Collection<String> columns, java.util.function.UnaryOperator<String> each) {
        return "ROW(" + columns.stream().map(each).collect(Collectors.joining(", ")) + ")";
    }
}
