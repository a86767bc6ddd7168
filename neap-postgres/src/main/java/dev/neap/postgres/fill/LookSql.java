package dev.neap.postgres.fill;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The statements that look for rows that were missed. */
final class LookSql extends FillSql {
    private static final Set<String> SORTED_ALIKE = Set.of(
            "smallint",
            "integer",
            "bigint",
            "numeric",
            "uuid",
            "date",
            "timestamp without time zone",
            "timestamp with time zone",
            "bytea");

    LookSql(FillTables tables, FillNames names) {
        super(tables, names);
    }

    /**
     * The key that a look over so many rows ends with, as text; and whether any of them may need work, which is only asked
     * where columns of the walked table are filled, of more than one row: of a single one it may fail, and its key is
     * wanted then.
     *
     * @param aside whether any row was set aside; those are not asked
     */
    String lookUpper(@Nullable List<String> after, List<String> upTo, int rows, boolean aside) {
        boolean asks = fill.inPlace() && rows > 1;
        String near = "SELECT " + eachKey(i -> column(from, key.get(i).name()) + " AS " + K + i, ", ")
                + (asks ? ", coalesce(" + butForThoseAside(needsWork(), aside) + ", false) AS neap_wanted" : "")
                + " FROM "
                + from + " WHERE " + within(after, upTo) + " ORDER BY " + row(from, ", ") + " LIMIT " + rows;
        String last = "SELECT " + eachKey(i -> "(near." + K + i + ")::text", ", ") + ", "
                + (asks ? "(SELECT bool_or(near.neap_wanted) FROM near)" : "true") + " AS work FROM ";
        String end = " ORDER BY " + eachKey(i -> "near." + K + i + " DESC", ", ") + " LIMIT 1";
        return asks
                ? "WITH near AS MATERIALIZED (" + near + ") " + last + "near" + end
                : last + "(" + near + ") AS near" + end;
    }

    /** As far as can be told without a transform in Java, which is not asked about a row that is filled. */
    private String needsWork() {
        return fill.transform() == null ? wanted() : likely();
    }

    /**
     * Records rows that are missing in the target.
     *
     * @param whole records every row instead, and every row of the run's own that came from a row that is gone
     * @param aside whether any row was set aside; those are not asked
     */
    String look(@Nullable List<String> after, List<String> upTo, boolean whole, boolean aside) {
        return "INSERT INTO " + names.changes() + " (op, " + eachKey(i -> K + i, ", ") + ") "
                + missed(after, upTo, whole, aside);
    }

    /** The keys of those rows. */
    String missed(@Nullable List<String> after, List<String> upTo, boolean whole, boolean aside) {
        return "SELECT " + (whole ? "'W'" : "'M'") + ", " + row(from, ", ") + " FROM " + from + " WHERE "
                + within(after, upTo) + " AND "
                + butForThoseAside(whole ? meant() : meant() + " AND " + missing(after, upTo), aside);
    }

    /** Locks what {@link #updateMissed} writes, where that reads other tables. */
    String lockMissed(@Nullable List<String> after, List<String> upTo, boolean aside) {
        return lockWhere(after, upTo, butForThoseAside(wanted(), aside));
    }

    /** Writes rows of a part of the key that were missed, but for those that were set aside. */
    String updateMissed(@Nullable List<String> after, List<String> upTo, boolean aside) {
        return updateWhere(after, upTo, butForThoseAside(wanted(), aside));
    }

    /** How many rows of a part of the key were missed that were written before this transaction. */
    String countMissed(@Nullable List<String> after, List<String> upTo, boolean aside, String before) {
        return "SELECT count(*) FROM " + source() + " WHERE " + within(after, upTo) + " AND age(" + into
                + ".xmin) > age(CAST('" + before + "' AS xid8)::xid) AND " + butForThoseAside(wanted(), aside);
    }

    /** What fails for a row must not be asked of it again: nothing else than a CASE says what is evaluated first. */
    private String butForThoseAside(String condition, boolean aside) {
        return aside
                ? "CASE WHEN ARRAY["
                        + eachKey(i -> "(" + column(from, key.get(i).name()) + ")::text", ", ")
                        + "] NOT IN (SELECT aside.key FROM neap.quarantine AS aside WHERE " + names.mine("aside")
                        + ") THEN " + condition + " ELSE false END"
                : condition;
    }

    /** Whether any row was set aside. */
    String anyAside() {
        return "SELECT EXISTS (SELECT FROM neap.quarantine AS aside WHERE " + names.mine("aside") + ")";
    }

    private String missing(@Nullable List<String> after, List<String> upTo) {
        return (tables.severalRows() ? lacking() : nothingThere(after, upTo)) + " AND " + notYoung();
    }

    private String nothingThere(@Nullable List<String> after, List<String> upTo) {
        return "NOT EXISTS (SELECT FROM " + into + " AS there WHERE " + carriedIs("there")
                + (sameOrder() ? " AND " + within("(" + carried("there") + ")", after, upTo) : "") + ")";
    }

    private String notYoung() {
        return "NOT EXISTS (SELECT FROM " + names.changes() + " AS change WHERE change.op IN ("
                + FillCapture.mayPutRows(tables) + ") AND " + sameAsChange() + ")";
    }

    /** The rows of a part of the key that a transform must be asked about, to know whether any was missed. */
    String toTransform(StageSql stage, @Nullable List<String> after, List<String> upTo, boolean aside) {
        String asked = fill.inPlace()
                ? likely()
                : likely() + " AND " + notYoung() + (tables.severalRows() ? "" : " AND " + nothingThere(after, upTo));
        return stage.read(true) + within(after, upTo) + " AND " + butForThoseAside(asked, aside) + " ORDER BY "
                + row(from, ", ");
    }

    /** Records rows of which something was made that is missing in the target. */
    String lookAtMade(@Nullable List<String> after, List<String> upTo) {
        return "INSERT INTO " + names.changes() + " (op, " + eachKey(i -> K + i, ", ") + ") "
                + missedOfMade(after, upTo);
    }

    /** The keys of those rows. */
    String missedOfMade(@Nullable List<String> after, List<String> upTo) {
        return "SELECT DISTINCT 'M', " + row(from, ", ") + " FROM " + source() + " WHERE " + missing(after, upTo);
    }

    /** What is set for the look's transaction, or all of the target would be read for each part of the key; may be empty. */
    String settings() {
        return fill.inPlace() || sameOrder() ? "" : "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";
    }

    /**
     * Whether the target's columns sort as the key does, so that the server need look at one part of the target for one
     * part of the key. Texts may not: their collations may differ.
     */
    private boolean sameOrder() {
        return IntStream.range(0, key.size())
                .allMatch(i -> SORTED_ALIKE.contains(key.get(i).type())
                        && tables.into()
                                .column(tables.carried().get(i))
                                .orElseThrow()
                                .type()
                                .equals(key.get(i).type()));
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
}
