package dev.neap.postgres.fill;

import dev.neap.backfill.Conflict;
import dev.neap.backfill.Fill;
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

/**
 * What the statements of a fill are made of. The user's expressions stand where the walked table is the only one in sight,
 * under its own name; every column of Neap's own is written with its table.
 */
abstract sealed class FillSql permits WalkSql, ReconcileSql, LookSql {
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
    String wanted() {
        return fill.inPlace() ? meant() + " AND " + notRight() : meant();
    }

    /** A row of the table that is filled in place needs work. The expressions see the row under its table's name. */
    String notRight() {
        String right = fill.alreadyRight();
        String needs = fill.conflict().rule() == Conflict.Rule.KEEP && right == null
                ? fill.set().entrySet().stream()
                        .map(e -> "(" + column(into, e.getKey()) + " IS NULL AND (" + e.getValue() + "\n) IS NOT NULL)")
                        .collect(Collectors.joining(" OR ", "(", ")"))
                : record(fill.set().keySet(), c -> column(into, c)) + "::record *<> "
                        + record(fill.set().keySet(), this::typed) + "::record";
        return right == null ? needs : "((" + right + "\n) IS NOT TRUE AND " + needs + ")";
    }

    String typed(String column) {
        return tables.into()
                .column(column)
                .orElseThrow()
                .assigned("(" + fill.set().get(column) + "\n)");
    }

    String typedValues() {
        return fill.set().entrySet().stream()
                .map(e -> typed(e.getKey()) + " AS " + Names.quote(e.getKey()))
                .collect(Collectors.joining(", "));
    }

    String updateWhere(@Nullable List<String> after, List<String> upTo, String condition) {
        return "UPDATE " + into + " SET "
                + fill.set().keySet().stream()
                        .map(c -> Names.quote(c) + " = " + kept(c))
                        .collect(Collectors.joining(", "))
                + " WHERE " + within(after, upTo) + " AND " + condition;
    }

    String kept(String column) {
        String value = "(" + fill.set().get(column) + "\n)";
        return fill.conflict().rule() == Conflict.Rule.KEEP && fill.alreadyRight() == null
                ? "CASE WHEN " + column(into, column) + " IS NULL THEN " + value + " ELSE " + column(into, column)
                        + " END"
                : value;
    }

    String insertHead() {
        return "INSERT INTO " + into + " AS target (" + Names.list(fill.set().keySet())
                + ") OVERRIDING SYSTEM VALUE\nSELECT ";
    }

    String replace(String where) {
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

    List<String> others() {
        return fill.set().keySet().stream()
                .filter(c -> !tables.target().contains(c))
                .toList();
    }

    String differs() {
        return record(others(), c -> "target." + Names.quote(c)) + "::record *<> "
                + record(others(), c -> "EXCLUDED." + Names.quote(c)) + "::record";
    }

    String ours(String alias) {
        return "EXISTS (SELECT FROM " + names.wrote() + " AS wrote WHERE wrote.xid = " + alias
                + ".xmin AND wrote.run_id = " + names.run() + ")";
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

    String eachKey(IntFunction<String> each, String joint) {
        return IntStream.range(0, key.size()).mapToObj(each).collect(Collectors.joining(joint));
    }

    static String record(Collection<String> columns, UnaryOperator<String> each) {
        return "ROW(" + columns.stream().map(each).collect(Collectors.joining(", ")) + ")";
    }
}
