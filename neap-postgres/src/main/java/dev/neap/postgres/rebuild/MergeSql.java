package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.shadow.KeyColumn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The statements that bring a shadow's differences into the live partition. */
final class MergeSql {
    private static final String K = UnitNames.KEY_PREFIX;

    private final UnitNames names;
    private final List<String> columns;
    private final List<String> set;
    private final List<KeyColumn> key;

    /**
     * @param columns the columns that can be inserted, unquoted
     * @param set those that the recompute may change, none of them in the key
     */
    MergeSql(UnitNames names, List<String> columns, Collection<String> set, List<KeyColumn> key) {
        this.names = names;
        this.columns = columns;
        this.set = List.copyOf(set);
        this.key = key;
    }

    /**
     * The shadow of a merge never becomes the partition, so it is not logged; the witness tells whether a crash of the
     * server has emptied it.
     *
     * @param logged the statements that make a shadow, the table first
     */
    List<String> create(List<String> logged) {
        List<String> all = new ArrayList<>(logged);
        all.set(0, logged.get(0).replaceFirst("^CREATE TABLE ", "CREATE UNLOGGED TABLE "));
        all.add("CREATE UNLOGGED TABLE IF NOT EXISTS " + names.witness() + " AS SELECT true AS here");
        return all;
    }

    /** Whether the shadow has been there ever since it was made. */
    String witnessed() {
        return "SELECT count(*) FROM " + names.witness();
    }

    /** The only index that a merge needs: drains and batches go by the key. */
    String primaryKey() {
        return "ALTER TABLE " + names.shadow() + " ADD PRIMARY KEY ("
                + key.stream().map(KeyColumn::quoted).collect(Collectors.joining(", ")) + ")";
    }

    /** The key of the last row of the next batch, as text; no row when the pass has ended. Locks nothing. */
    String upper(@Nullable List<String> after, int rows) {
        return "SELECT " + eachKey(i -> "(" + quoted(i) + ")::text", ", ") + " FROM (SELECT "
                + eachKey(this::quoted, ", ") + " FROM ONLY " + names.shadow() + " AS shadow"
                + (after == null ? "" : " WHERE " + row("shadow") + " > " + literal(after)) + " ORDER BY "
                + eachKey(this::quoted, ", ") + " LIMIT " + rows + ") AS batch ORDER BY "
                + eachKey(i -> quoted(i) + " DESC", ", ") + " LIMIT 1";
    }

    /**
     * Locks the rows of a batch that differ, and says where they are. Who has locked a row is about to change it: it is
     * left for a later pass, and nobody is waited for.
     */
    String lock(@Nullable List<String> after, List<String> upTo) {
        return "SELECT live.ctid::text FROM ONLY " + names.liveTable() + " AS live JOIN ONLY " + names.shadow()
                + " AS shadow ON " + sameKey("shadow") + "\nWHERE " + within("shadow", after, upTo) + " AND "
                + within("live", after, upTo) + "\n  AND " + differs(set) + "\nORDER BY "
                + eachKey(i -> "live." + quoted(i), ", ") + "\nFOR NO KEY UPDATE OF live SKIP LOCKED";
    }

    /**
     * Updates rows that are locked, but for those with a change that no drain has seen: the shadow has an older version
     * of them. A statement of its own, since only a snapshot from after the locks sees every such change.
     *
     * @param rows where the rows are
     */
    String update(List<String> rows) {
        return "UPDATE ONLY " + names.liveTable() + " AS live SET "
                + set.stream().map(MergeSql::assignment).collect(Collectors.joining(", ")) + "\nFROM ONLY "
                + names.shadow() + " AS shadow\nWHERE live.ctid = ANY ("
                + Names.literal(rows.stream().map(ctid -> '"' + ctid + '"').collect(Collectors.joining(",", "{", "}")))
                + "::tid[]) AND " + sameKey("shadow") + "\n  AND " + differs(set) + "\n  AND NOT EXISTS (SELECT FROM "
                + names.changes() + " AS change WHERE "
                + eachKey(i -> key.get(i).same("change." + K + i, "live." + quoted(i)), " AND ")
                + ")";
    }

    /** What is the same stays as it is stored: a large value out of line is not written anew. */
    private static String assignment(String column) {
        String name = Names.quote(column);
        return name + " = CASE WHEN ROW(live." + name + ")::record *<> ROW(shadow." + name + ")::record THEN shadow."
                + name + " ELSE live." + name + " END";
    }

    /** How many rows differ, or are in one table alone, in one snapshot; without those that changed since the last drain. */
    String differences() {
        return "SELECT count(*) FROM (SELECT " + eachKey(i -> quoted(i) + " AS " + K + i, ", ") + ", "
                + record(columns, Names::quote) + "::record AS kept FROM ONLY " + names.liveTable()
                + ") AS live\nFULL JOIN (SELECT "
                + eachKey(i -> quoted(i) + " AS " + K + i, ", ") + ", " + record(columns, Names::quote)
                + "::record AS kept FROM ONLY " + names.shadow() + ") AS shadow ON "
                + eachKey(i -> key.get(i).same("live." + K + i, "shadow." + K + i), " AND ") + "\nWHERE (live." + K
                + "0 IS NULL OR shadow." + K + "0 IS NULL OR live.kept *<> shadow.kept)\n  AND NOT EXISTS (SELECT FROM "
                + names.changes() + " AS change WHERE "
                + eachKey(
                        i -> key.get(i).same("change." + K + i, "coalesce(live." + K + i + ", shadow." + K + i + ")"),
                        " AND ")
                + ")";
    }

    private String sameKey(String other) {
        return eachKey(i -> key.get(i).same("live." + quoted(i), other + "." + quoted(i)), " AND ");
    }

    private static String differs(List<String> columns) {
        return record(columns, c -> "live." + Names.quote(c)) + "::record *<> "
                + record(columns, c -> "shadow." + Names.quote(c)) + "::record";
    }

    private static String record(List<String> columns, UnaryOperator<String> each) {
        return "ROW(" + columns.stream().map(each).collect(Collectors.joining(", ")) + ")";
    }

    private String within(String table, @Nullable List<String> after, List<String> upTo) {
        return (after == null ? "" : row(table) + " > " + literal(after) + " AND ") + row(table) + " <= "
                + literal(upTo);
    }

    private String row(String table) {
        return "(" + eachKey(i -> table + "." + quoted(i), ", ") + ")";
    }

    private String literal(List<String> values) {
        return "("
                + eachKey(
                        i -> "CAST(" + Names.literal(values.get(i)) + " AS "
                                + key.get(i).type() + ")",
                        ", ") + ")";
    }

    private String quoted(int i) {
        return key.get(i).quoted();
    }

    private String eachKey(IntFunction<String> each, String joint) {
        return IntStream.range(0, key.size()).mapToObj(each).collect(Collectors.joining(joint));
    }
}
