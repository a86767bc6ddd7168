package dev.neap.mysql.fill;

import dev.neap.backfill.Conflict;
import dev.neap.backfill.Fill;
import dev.neap.mysql.query.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The user's expressions as SQL. They stand where the walked table is the only one in sight, under its own bare name; every
 * column of Neap's own is written with a table's alias that begins with `neap_`.
 */
final class Expressions {
    private final FillTables tables;
    private final Fill fill;
    private final KeySql key;

    Expressions(FillTables tables) {
        this.tables = tables;
        this.fill = tables.fill();
        this.key = new KeySql(tables.walk());
    }

    /** The walked table under its bare name, which is how expressions call it. */
    String alias() {
        return Names.quote(fill.from().name());
    }

    /** The walked table, for a FROM. */
    String from() {
        return Names.quote(fill.from()) + " AS " + alias();
    }

    /** The expressions in order. */
    String values() {
        return fill.set().values().stream().map(Expressions::bracketed).collect(Collectors.joining(", "));
    }

    private static String bracketed(String sql) {
        return "(" + sql + "\n)";
    }

    /** Which rows of the walked table are meant at all. */
    String meant() {
        List<String> all = new ArrayList<>();
        List<String> first = fill.keys().from();
        List<String> end = fill.keys().to();
        if (first != null) {
            all.add(key.from(alias(), first));
        }
        if (end != null) {
            all.add(key.before(alias(), end));
        }
        if (fill.where() != null) {
            all.add(bracketed(fill.where()));
        }
        return all.isEmpty() ? "true" : String.join(" AND ", all);
    }

    /** Rows that need work, as far as the row itself tells. */
    String wanted() {
        return fill.inPlace() ? meant() + " AND " + notRight() : meant();
    }

    /** The same without the expressions of `set`, which may fail, and are not asked twice. */
    String likely() {
        if (!fill.inPlace()) {
            return meant();
        }
        if (fill.alreadyRight() != null) {
            return meant() + " AND " + bracketed(fill.alreadyRight()) + " IS NOT TRUE";
        }
        return keeps() ? meant() + " AND " + anyOf(c -> own(c) + " IS NULL") : meant();
    }

    private boolean keeps() {
        return fill.conflict().rule() == Conflict.Rule.KEEP;
    }

    private String notRight() {
        String right = fill.alreadyRight();
        String needs = keeps() && right == null
                ? anyOf(c -> "(" + own(c) + " IS NULL AND " + bracketed(value(c)) + " IS NOT NULL)")
                : anyOf(c -> "NOT " + column(c).same(own(c), column(c).assigned(bracketed(value(c)))));
        return right == null ? needs : "(" + bracketed(right) + " IS NOT TRUE AND " + needs + ")";
    }

    private String anyOf(java.util.function.UnaryOperator<String> each) {
        return fill.set().keySet().stream().map(each).collect(Collectors.joining(" OR ", "(", ")"));
    }

    /** What an UPDATE assigns: all expressions see the row as it was. */
    String assignments() {
        return fill.set().keySet().stream()
                        .map(c -> own(c) + " = "
                                + (keeps() && fill.alreadyRight() == null
                                        ? "CASE WHEN " + own(c) + " IS NULL THEN " + bracketed(value(c)) + " ELSE "
                                                + own(c) + " END"
                                        : bracketed(value(c))))
                        .collect(Collectors.joining(", "))
                + tables.into().keeping(fill.set().keySet(), alias());
    }

    /**
     * A row of the walked table as it was before a change, under its bare name.
     *
     * @param recorded the columns of the changes: one that the walked table has got since is not among them, and no
     *     expression means it
     */
    String was(String changes, Set<String> recorded, String which) {
        return "(SELECT "
                + tables.from().columns().stream()
                        .filter(c -> recorded.contains(FillNames.was(c.name())))
                        .map(c -> "neap_change." + Names.quote(FillNames.was(c.name())) + " AS " + c.quoted())
                        .collect(Collectors.joining(", "))
                + " FROM " + changes + " AS neap_change WHERE " + which + ") AS " + alias();
    }

    private String own(String column) {
        return alias() + "." + Names.quote(column);
    }

    private String value(String column) {
        return String.valueOf(fill.set().get(column));
    }

    private LiveColumn column(String name) {
        return tables.into().column(name).orElseThrow();
    }
}
