package dev.neap.postgres.fill;

import dev.neap.backfill.Conflict;
import dev.neap.backfill.Fill;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.shadow.KeyColumn;
import dev.neap.transform.Schema;
import dev.neap.transform.TransformSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the statements of a fill are made of. The user's expressions stand where the walked table is the only one in sight,
 * under its own name; every column of Neap's own is written with its table. Where a transform in Java makes the values,
 * they are staged beside the walked table, in columns that no user's column is called like.
 */
abstract sealed class FillSql permits WalkSql, ReconcileSql, LookSql, StageSql, VerifySql, MendSql, DualWriteSql {
    static final String K = FillNames.KEY_PREFIX;

    final Fill fill;
    final FillTables tables;
    final FillNames names;
    final List<KeyColumn> key;
    final String from;
    final String into;

    FillSql(FillTables tables, FillNames names) {
        this.fill = tables.fill();
        this.tables = tables;
        this.names = names;
        this.key = tables.key();
        this.from = Names.quote(tables.from().name());
        this.into = Names.quote(tables.into().name());
    }

    /** Which rows of the walked table are meant at all. */
    String meant() {
        return meant(from);
    }

    /** The same of what stands in the place of the walked table, under its name. */
    String meant(String table) {
        String inRange = inRange(row(table));
        String where = fill.where();
        return where == null ? inRange : (inRange.equals("true") ? "" : inRange + " AND ") + "(" + where + "\n)";
    }

    /** The part of the key that the file names, on what stands for it. */
    String inRange(String row) {
        List<String> all = new ArrayList<>();
        List<String> first = fill.keys().from();
        List<String> end = fill.keys().to();
        if (first != null) {
            all.add(row + " >= " + literal(first));
        }
        if (end != null) {
            all.add(row + " < " + literal(end));
        }
        return all.isEmpty() ? "true" : String.join(" AND ", all);
    }

    /** Rows that need work, as far as the row itself tells; never null. */
    String wanted() {
        return fill.inPlace() ? meant() + " AND " + notRight() : meant();
    }

    /** A row of the table that is filled in place needs work. The expressions see the row under its table's name. */
    String notRight() {
        String right = fill.alreadyRight();
        String needs = fill.conflict().rule() == Conflict.Rule.KEEP && right == null
                ? fill.columns().stream()
                        .map(c -> "(" + column(into, c) + " IS NULL AND " + value(c, from) + " IS NOT NULL)")
                        .collect(Collectors.joining(" OR ", "(", ")"))
                : record(fill.columns(), c -> column(into, c)) + "::record *<> "
                        + record(fill.columns(), c -> typed(c, from)) + "::record";
        return right == null ? needs : "((" + right + "\n) IS NOT TRUE AND " + needs + ")";
    }

    /** The rows that need work as far as can be told without the values, which may fail and are not asked twice. */
    String likely() {
        if (!fill.inPlace()) {
            return meant();
        }
        if (fill.alreadyRight() != null) {
            return meant() + " AND (" + fill.alreadyRight() + "\n) IS NOT TRUE";
        }
        return fill.conflict().rule() == Conflict.Rule.KEEP
                ? meant() + " AND "
                        + fill.columns().stream()
                                .map(c -> column(into, c) + " IS NULL")
                                .collect(Collectors.joining(" OR ", "(", ")"))
                : meant();
    }

    /**
     * What a column is set to.
     *
     * @param walked the walked table as it is called there
     */
    private String value(String column, String walked) {
        TransformSource transform = fill.transform();
        if (transform == null) {
            return "(" + fill.set().get(column) + "\n)";
        }
        for (Map.Entry<String, String> carried : transform.schema().carries().entrySet()) {
            if (carried.getValue().equals(column)) {
                return column(walked, carried.getKey());
            }
        }
        return Staged.value(fill.columns().indexOf(column));
    }

    /** The values as they are written, in the columns' order. */
    String values() {
        return fill.columns().stream().map(c -> value(c, from)).collect(Collectors.joining(", "));
    }

    String typed(String column, String walked) {
        return tables.into().column(column).orElseThrow().assigned(value(column, walked));
    }

    String typedValues() {
        return typedValues(from);
    }

    String typedValues(String walked) {
        return fill.columns().stream()
                .map(c -> typed(c, walked) + " AS " + Names.quote(c))
                .collect(Collectors.joining(", "));
    }

    /** Locks rows of a part of the key, in the key's order. */
    String lockWhere(@Nullable List<String> after, List<String> upTo, String condition) {
        return "SELECT count(*) FROM (SELECT FROM " + from + " WHERE " + within(after, upTo) + " AND " + condition
                + " ORDER BY " + row(from, ", ") + " FOR NO KEY UPDATE) AS locked";
    }

    /** The walked table, with what was made of its rows where that is staged and they are still as they were read. */
    String source() {
        return fill.transform() == null ? from : from + " JOIN " + Staged.MADE + " AS made ON " + yielded();
    }

    /** A staged row was made of this row of the walked table as it is now. */
    String matches() {
        return sameAsMade() + " AND " + unchanged();
    }

    String yielded() {
        return matches() + " AND made.neap_yields";
    }

    String sameAsMade() {
        return eachKey(
                i -> key.get(i).same("made." + K + i, column(from, key.get(i).name())), " AND ");
    }

    /** The version that was read; or another one with the same values in all columns that the transform reads. */
    String unchanged() {
        return "(made.neap_version = " + from + ".xmin OR made.neap_seen = " + seen() + ")";
    }

    /** What a transform reads of a row, as one text. */
    String seen() {
        return reads() + "::text";
    }

    private String reads() {
        TransformSource transform = Objects.requireNonNull(fill.transform(), "only a transform reads columns");
        return record(
                transform.schema().reads().stream().map(Schema.Column::name).toList(), c -> column(from, c));
    }

    String updateWhere(@Nullable List<String> after, List<String> upTo, String condition) {
        return update(Staged.MADE) + within(after, upTo) + " AND " + condition;
    }

    /** @param staged where the values of a transform stand */
    String update(String staged) {
        return "UPDATE " + into + " SET "
                + fill.columns().stream()
                        .map(c -> Names.quote(c) + " = " + kept(c))
                        .collect(Collectors.joining(", "))
                + (fill.transform() == null ? " WHERE " : " FROM " + staged + " AS made WHERE " + yielded() + " AND ");
    }

    private String kept(String column) {
        String value = value(column, from);
        return fill.conflict().rule() == Conflict.Rule.KEEP && fill.alreadyRight() == null
                ? "CASE WHEN " + column(into, column) + " IS NULL THEN " + value + " ELSE " + column(into, column)
                        + " END"
                : value;
    }

    String insertHead() {
        return "INSERT INTO " + into + " AS target (" + Names.list(fill.columns())
                + ") OVERRIDING SYSTEM VALUE\nSELECT ";
    }

    String replace(String where) {
        List<String> others = others();
        if (others.isEmpty()) {
            return "DO NOTHING";
        }
        return "DO UPDATE SET " + set(others, "EXCLUDED") + " WHERE " + where;
    }

    /**
     * Writes values over rows that are there. It puts in none: a row that was there a moment ago may have been taken away
     * or given another key since, and with it what the values were made of.
     *
     * @param values a query of all columns, called {@code yielded}
     */
    String overwrite(String values, String where) {
        return "UPDATE " + into + " AS target SET " + set(others(), "yielded") + " FROM (" + values
                + " OFFSET 0) AS yielded WHERE " + hasItsKey("yielded") + " AND " + where + " AND "
                + differs("yielded");
    }

    private static String set(List<String> columns, String values) {
        return columns.stream()
                .map(c -> Names.quote(c) + " = " + values + "." + Names.quote(c))
                .collect(Collectors.joining(", "));
    }

    /** What has the same key as the row of the target. */
    String hasItsKey(String values) {
        return tables.target().stream()
                .map(c -> values + "." + Names.quote(c) + " = target." + Names.quote(c))
                .collect(Collectors.joining(" AND "));
    }

    List<String> others() {
        return fill.columns().stream().filter(c -> !tables.target().contains(c)).toList();
    }

    /** What becomes of what is there already. */
    String onConflict() {
        String newer = fill.conflict().newer();
        return switch (fill.conflict().rule()) {
            case KEEP -> "DO NOTHING";
            case OVERWRITE -> replaceWhatDiffers();
            case NEWER ->
                replace("(EXCLUDED." + Names.quote(String.valueOf(newer)) + " > target."
                        + Names.quote(String.valueOf(newer)) + " OR target." + Names.quote(String.valueOf(newer))
                        + " IS NULL)");
        };
    }

    String replaceWhatDiffers() {
        return replace(differs("EXCLUDED"));
    }

    String differs(String values) {
        return record(others(), c -> "target." + Names.quote(c)) + "::record *<> "
                + record(others(), c -> values + "." + Names.quote(c)) + "::record";
    }

    String ours(String alias) {
        return "EXISTS (SELECT FROM " + names.wrote() + " AS wrote WHERE wrote.xid = " + alias + ".xmin AND "
                + names.mine("wrote") + ")";
    }

    String sameAsChange() {
        return eachKey(
                i -> key.get(i).same("change." + K + i, column(from, key.get(i).name())), " AND ");
    }

    String carried(String alias) {
        return tables.carried().stream().map(c -> alias + "." + Names.quote(c)).collect(Collectors.joining(", "));
    }

    String carriedIs(String alias) {
        return eachKey(
                i -> alias + "." + Names.quote(tables.carried().get(i)) + " = "
                        + column(from, key.get(i).name()),
                " AND ");
    }

    /** The target lacks what a row of the walked table becomes, or some of it. */
    String lacking() {
        if (!tables.severalRows()) {
            return "NOT EXISTS (SELECT FROM " + into + " AS there WHERE " + carriedIs("there") + ")";
        }
        return "EXISTS (SELECT FROM (SELECT " + typedValues() + ") AS yielded WHERE NOT EXISTS (SELECT FROM " + into
                + " AS there WHERE "
                + tables.target().stream()
                        .map(c -> "there." + Names.quote(c) + " = yielded." + Names.quote(c))
                        .collect(Collectors.joining(" AND "))
                + "))";
    }

    /** A part of the key, on the walked table. */
    String within(@Nullable List<String> after, List<String> upTo) {
        return within(row(from), after, upTo);
    }

    /** A part of the key, on what stands for it. */
    String within(String row, @Nullable List<String> after, List<String> upTo) {
        return (after == null ? "" : row + " > " + literal(after) + " AND ") + row + " <= " + literal(upTo);
    }

    String row(String table) {
        return "(" + row(table, ", ") + ")";
    }

    String row(String table, String joint) {
        return eachKey(i -> column(table, key.get(i).name()), joint);
    }

    static String column(String table, String column) {
        return table + "." + Names.quote(column);
    }

    String literal(List<String> values) {
        return "("
                + eachKey(
                        i -> "CAST(" + Names.literal(values.get(i)) + " AS "
                                + key.get(i).type() + ")",
                        ", ") + ")";
    }

    String isOneOf(String row, List<List<String>> keys) {
        return row + " IN (VALUES " + keys.stream().map(this::literal).collect(Collectors.joining(", ")) + ")";
    }

    String eachKey(IntFunction<String> each, String joint) {
        return IntStream.range(0, key.size()).mapToObj(each).collect(Collectors.joining(joint));
    }

    static String record(Collection<String> columns, UnaryOperator<String> each) {
        return "ROW(" + columns.stream().map(each).collect(Collectors.joining(", ")) + ")";
    }
}
