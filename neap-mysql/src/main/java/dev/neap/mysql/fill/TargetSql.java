package dev.neap.mysql.fill;

import dev.neap.backfill.Fill;
import dev.neap.mysql.query.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The statements that fill another table. What the fill makes is put into a temporary table first, by one INSERT … SELECT,
 * which under READ COMMITTED locks no row of the walked table; what is written to the target comes from there.
 */
final class TargetSql {
    /** What the fill makes of rows as they are. */
    static final String MADE = "neap.neap_made";
    /** What it makes of rows as they were before a change. */
    static final String WAS = "neap.neap_was";

    private final FillTables tables;
    private final Fill fill;
    private final FillNames names;
    private final KeySql key;
    private final Expressions user;
    private final String into;

    TargetSql(FillTables tables, FillNames names) {
        this.tables = tables;
        this.fill = tables.fill();
        this.names = names;
        this.key = new KeySql(tables.walk());
        this.user = new Expressions(tables);
        this.into = Names.quote(fill.into());
    }

    /** The two temporary tables; their columns have the target's types, so that values are cast as the target would. */
    List<String> scratch() {
        return List.of(scratch(MADE, tables.target()), scratch(WAS, tables.carried()));
    }

    private String scratch(String name, List<String> found) {
        List<String> columns =
                new ArrayList<>(set().stream().map(c -> c.copy(c.name())).toList());
        columns.add("KEY (" + Names.list(found) + ")");
        return "CREATE TEMPORARY TABLE IF NOT EXISTS " + name + " (" + String.join(", ", columns) + ") ENGINE = InnoDB";
    }

    private List<LiveColumn> set() {
        return fill.set().keySet().stream()
                .map(c -> tables.into().column(c).orElseThrow())
                .toList();
    }

    private String columns() {
        return Names.list(fill.set().keySet());
    }

    private String make(String where) {
        return "INSERT INTO " + MADE + " (" + columns() + ")\nSELECT " + user.values() + " FROM " + user.from()
                + key.forced() + " WHERE " + where + " AND " + user.meant();
    }

    /** Makes the rows of a part of the key. Those that the application inserted are left to its own second write. */
    String makeBatch(@Nullable List<String> after, List<String> upTo) {
        return make(key.within(user.alias(), after, upTo) + " AND NOT EXISTS (SELECT 1 FROM " + names.changes()
                + " AS neap_change WHERE neap_change.op = 'I' AND " + key.sameAsChange(user.alias()) + ")");
    }

    /** Writes what was made over what is there, as the rule says; empty where the rule keeps it. */
    String replace() {
        String newer = fill.conflict().newer();
        return switch (fill.conflict().rule()) {
            case KEEP -> "";
            case OVERWRITE -> update("", differs());
            case NEWER ->
                update(
                        "",
                        "(neap_made." + Names.quote(String.valueOf(newer)) + " > neap_into."
                                + Names.quote(String.valueOf(newer)) + " OR neap_into."
                                + Names.quote(String.valueOf(newer)) + " IS NULL)");
        };
    }

    private String update(String join, String where) {
        List<LiveColumn> others = others();
        if (others.isEmpty()) {
            return "";
        }
        // In this order whatever the statistics say: only rows that are found by a key are looked at, and locked.
        return "UPDATE " + MADE + " AS neap_made STRAIGHT_JOIN " + into + " AS neap_into ON " + found() + join + " SET "
                + others.stream()
                        .map(c -> "neap_into." + c.quoted() + " = neap_made." + c.quoted())
                        .collect(Collectors.joining(", "))
                + tables.into().keeping(fill.set().keySet(), "neap_into") + " WHERE " + where;
    }

    private String found() {
        return same(tables.target(), "neap_made");
    }

    private static String same(List<String> columns, String other) {
        return columns.stream()
                .map(c -> other + "." + Names.quote(c) + " = neap_into." + Names.quote(c))
                .collect(Collectors.joining(" AND "));
    }

    private List<LiveColumn> others() {
        return set().stream().filter(c -> !tables.target().contains(c.name())).toList();
    }

    private String differs() {
        return "NOT ("
                + others().stream()
                        .map(c -> c.same("neap_into." + c.quoted(), "neap_made." + c.quoted()))
                        .collect(Collectors.joining(" AND "))
                + ")";
    }

    /** Writes what was made where nothing is. Any other unique index that refuses a row is that row's own error. */
    String insert() {
        return "INSERT INTO " + into + " (" + columns() + ")\nSELECT "
                + set().stream().map(c -> "neap_made." + c.quoted()).collect(Collectors.joining(", ")) + " FROM "
                + MADE + " AS neap_made LEFT JOIN " + into + " AS neap_into ON " + found() + " WHERE neap_into."
                + Names.quote(tables.target().get(0)) + " IS NULL";
    }

    // What follows reconciles keys that the application wrote meanwhile.

    /** Changes that could be reconciled now, the oldest first; insertions and changed keys wait for the application's second write. */
    String pick(long most, long graceMs) {
        return "SELECT neap_change.seq, neap_change.op, " + key.changeTexts() + " FROM " + names.changes()
                + " AS neap_change WHERE " + ripe(graceMs) + " ORDER BY neap_change.seq LIMIT " + most;
    }

    private static String ripe(long graceMs) {
        return "(neap_change.op NOT IN ('I', 'K') OR neap_change.at < sysdate(6) - INTERVAL " + graceMs * 1000
                + " MICROSECOND)";
    }

    /**
     * Whether a change is still recorded that may belong to a write of the target from before the last row was put in.
     *
     * @param graceMs how long, in milliseconds, its other write may have come before it
     */
    String unreconciledSince(long run, long graceMs) {
        return "SELECT EXISTS (SELECT 1 FROM " + names.changes() + " AS neap_change WHERE neap_change.at <="
                + " (SELECT last_insert + INTERVAL " + graceMs * 1000 + " MICROSECOND FROM neap.fill WHERE run_id = "
                + run + "))";
    }

    /** How many changes are recorded, or somewhat more: gaps are counted. However many there are, it reads two. */
    String recorded() {
        return "SELECT coalesce(max(neap_change.seq) - min(neap_change.seq) + 1, 0) FROM " + names.changes()
                + " AS neap_change";
    }

    /** Makes the rows of these keys as they are now; not those whose insertion is young, and that the target lacks. */
    String makeAgain(List<List<String>> keys, String seqs, long graceMs) {
        return make(key.among(user.alias(), keys) + " AND NOT EXISTS (SELECT 1 FROM " + names.changes()
                + " AS neap_change WHERE neap_change.op = 'I' AND neap_change.seq NOT IN (" + seqs
                + ") AND neap_change.at >= sysdate(6) - INTERVAL " + graceMs * 1000 + " MICROSECOND AND "
                + key.sameAsChange(user.alias()) + " AND NOT EXISTS (SELECT 1 FROM " + into + " AS neap_into WHERE "
                + carriedIs() + "))");
    }

    private String carriedIs() {
        return key.each(
                i -> "neap_into." + Names.quote(tables.carried().get(i)) + " = " + key.column(user.alias(), i),
                " AND ");
    }

    /** Makes the rows of these changes as they were before them; nothing of one that was not meant then. */
    String makeWas(String seqs, Set<String> recorded) {
        return "INSERT INTO " + WAS + " (" + columns() + ")\nSELECT " + user.values() + " FROM "
                + user.was(
                        names.changes(),
                        recorded,
                        "neap_change.seq IN (" + seqs + ") AND neap_change.op IN ('U', 'D', 'K')")
                + " WHERE "
                + user.meant();
    }

    /** A row of the target still is what the fill made of its source as it was: it has missed a change. */
    private String stale() {
        return same(tables.carried(), "neap_was") + " AND "
                + set().stream()
                        .map(c -> c.same("neap_into." + c.quoted(), "neap_was." + c.quoted()))
                        .collect(Collectors.joining(" AND "));
    }

    /** Takes away rows that have missed that their source is gone. */
    String deleteGone() {
        return "DELETE neap_into FROM " + WAS + " AS neap_was STRAIGHT_JOIN " + into + " AS neap_into ON " + stale()
                + " LEFT JOIN " + MADE
                + " AS neap_made ON " + found() + " WHERE neap_made."
                + Names.quote(tables.target().get(0))
                + " IS NULL";
    }

    /** Writes what is made now over rows that have missed a change; empty where nothing but the key is set. */
    String writeAgain() {
        return update(" STRAIGHT_JOIN " + WAS + " AS neap_was ON " + stale(), differs());
    }

    /** Forgets what was reconciled. */
    String forget(String seqs) {
        return "DELETE FROM " + names.changes() + " WHERE seq IN (" + seqs + ")";
    }

    /** Records rows of a part of the key that are missing in the target. */
    String look(@Nullable List<String> after, List<String> upTo, String butForThoseAside) {
        return "INSERT INTO " + names.changes() + " (seq, op, " + key.each(i -> FillNames.KEY_PREFIX + i, ", ")
                + ") SELECT nextval(" + names.sequence() + "), 'M', " + key.list(user.alias()) + " FROM " + user.from()
                + key.forced() + " WHERE " + key.within(user.alias(), after, upTo) + " AND " + butForThoseAside;
    }

    /** A row of the walked table is meant, and missing in the target. */
    String missing() {
        return user.meant() + " AND NOT EXISTS (SELECT 1 FROM " + into + " AS neap_into WHERE " + carriedIs()
                + ") AND NOT EXISTS (SELECT 1 FROM " + names.changes()
                + " AS neap_change WHERE neap_change.op = 'I' AND "
                + key.sameAsChange(user.alias()) + ")";
    }
}
