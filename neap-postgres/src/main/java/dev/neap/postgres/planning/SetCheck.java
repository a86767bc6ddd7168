package dev.neap.postgres.planning;

import dev.neap.backfill.Rebuild;
import dev.neap.dialect.NeapException;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether the file's expressions are ones that Neap can put into the table. Compiles them, executes nothing. */
final class SetCheck {
    private static final String ONE = "neap_one";
    /** The expression's own subqueries may have such nodes too. */
    private static final Pattern NOT_MERGED =
            Pattern.compile("\"Subquery Scan\"[^{}\\[\\]]*\"Alias\": \"" + ONE + "\"");

    private static final Pattern SCANNED = Pattern.compile("\"Relation Name\": \"((?:[^\"\\\\]|\\\\.)*)\"");

    private final Connection connection;
    private final LiveTable table;
    private final PartitionTree tree;
    private final Rebuild rebuild;
    private final List<Finding> findings = new ArrayList<>();

    SetCheck(Connection connection, LiveTable table, PartitionTree tree, Rebuild rebuild) {
        this.connection = connection;
        this.table = table;
        this.tree = tree;
        this.rebuild = rebuild;
    }

    /** Refuses what cannot be looked at further. */
    void requireColumns() {
        for (String column : rebuild.set().keySet()) {
            if (table.column(column).isEmpty()) {
                String near = Nearest.to(column, table.columnNames())
                        .map(name -> "did you mean " + name + "?")
                        .orElse("its columns are " + String.join(", ", table.columnNames()) + ".");
                throw new NeapException(
                        NeapException.Kind.USAGE,
                        "rebuild.set: " + table.name() + " has no column " + column + "; " + near);
            }
        }
    }

    /**
     * What is wrong with the expressions; compiled against one of the units.
     *
     * @param keyColumns the columns by which changed rows of the units are found again
     */
    List<Finding> look(Leaf leaf, Set<String> keyColumns) throws SQLException {
        if (textObjections()) {
            return findings;
        }
        forbiddenColumns(leaf, keyColumns);
        if (compile(leaf)) {
            volatility(leaf);
        }
        return findings;
    }

    /** Whether every expression may be put into a statement at all. */
    private boolean textObjections() {
        rebuild.set().forEach((column, sql) -> textObjection("rebuild.set." + column, sql));
        if (rebuild.alreadyRight() != null) {
            textObjection("rebuild.already_right", rebuild.alreadyRight());
        }
        return !findings.isEmpty();
    }

    private void textObjection(String where, String sql) {
        OneExpression.objection(sql)
                .ifPresent(objection -> findings.add(Finding.error(
                        "one-expression",
                        where + " is not one SQL expression: " + objection,
                        "it is put between parentheses, and must stay there",
                        "write one expression over the row's columns, such as amount * 2")));
    }

    private void forbiddenColumns(Leaf leaf, Set<String> keyColumns) throws SQLException {
        Set<String> partitionKey = tree.keyColumns(connection);
        Set<String> behindKey = generating(leaf, keyColumns);
        for (String column : rebuild.set().keySet()) {
            if (table.column(column).map(LiveTable.Column::generation).orElse(null) != null) {
                forbidden(
                        column, "a generated column", "PostgreSQL computes it by itself from the row's other columns");
            } else if (partitionKey.contains(column)) {
                forbidden(column, "part of the partition key", "a row could leave its partition's bound");
            } else if (keyColumns.contains(column)) {
                forbidden(column, "part of the row's key", "captured changes are matched to rows by it");
            } else if (behindKey.contains(column)) {
                forbidden(
                        column,
                        "a column from which part of the row's key is generated",
                        "captured changes are matched to rows by it");
            }
        }
    }

    /** The columns from which generated columns of a key are made. */
    private Set<String> generating(Leaf leaf, Set<String> keyColumns) throws SQLException {
        return new HashSet<>(
                Query.of(connection, """
                        SELECT base.attname FROM pg_attribute made
                        JOIN pg_attrdef def ON def.adrelid = made.attrelid AND def.adnum = made.attnum
                        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = made.attrelid AND (
                             d.classid = 'pg_attrdef'::regclass AND d.objid = def.oid
                             -- Before 15 it was the column itself that depended.
                             OR d.classid = 'pg_class'::regclass AND d.objid = made.attrelid
                                AND d.objsubid = made.attnum)
                        JOIN pg_attribute base ON base.attrelid = made.attrelid AND base.attnum = d.refobjsubid
                        WHERE made.attrelid = ?::oid AND made.attgenerated <> '' AND made.attname = ANY (?::text[])
                        """, leaf.oid(), List.copyOf(keyColumns)).texts());
    }

    private void forbidden(String column, String what, String why) {
        findings.add(Finding.error(
                "set-column",
                "not in this version: rebuild.set." + column + " sets " + what + " of " + table.name(),
                why,
                "take " + column + " out of rebuild.set"));
    }

    private boolean compile(Leaf leaf) throws SQLException {
        Recompute recompute = new Recompute(table, rebuild);
        boolean compiles = predicateCompiles(leaf);
        for (Map.Entry<String, String> set : rebuild.set().entrySet()) {
            boolean generated =
                    table.column(set.getKey()).map(LiveTable.Column::generation).orElse(null) != null;
            if (compiles && !generated) {
                compiles &= tryToPrepare(
                        recompute.assignment(leaf.name(), set.getKey()),
                        "rebuild.set.%s: \"%s\""
                                .formatted(set.getKey(), set.getValue().strip()));
            }
        }
        return compiles;
    }

    private boolean predicateCompiles(Leaf leaf) throws SQLException {
        String predicate = rebuild.alreadyRight();
        return predicate == null
                || tryToPrepare(
                        "SELECT FROM ONLY " + Names.quote(leaf.name()) + " AS live WHERE (" + predicate + "\n) IS TRUE",
                        "rebuild.already_right: \"" + predicate.strip() + "\"");
    }

    private boolean tryToPrepare(String sql, String where) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            PlainSql.execute(connection, "PREPARE neap_compiled AS " + sql);
            PlainSql.execute(connection, "DEALLOCATE neap_compiled");
            return true;
        } catch (SQLException e) {
            connection.rollback(before);
            String hint = PlainSql.hint(e);
            findings.add(Finding.error(
                    "set-compiles",
                    where + " does not compile: " + PlainSql.message(e),
                    "PostgreSQL refuses the statement that would load the rows",
                    hint.isEmpty()
                            ? "use the columns of " + table.name() + ", which are "
                                    + String.join(", ", table.columnNames())
                            : hint));
            return false;
        }
    }

    /** The planner itself knows what is volatile: it does not merge such a subquery into the one around it. */
    private void volatility(Leaf leaf) throws SQLException {
        Recompute recompute = new Recompute(table, rebuild);
        for (String column : rebuild.set().keySet()) {
            String sql = "EXPLAIN (FORMAT JSON, COSTS OFF) SELECT FROM (SELECT (" + recompute.value(column)
                    + ")::text AS neap_value FROM ONLY " + Names.quote(leaf.name())
                    + " AS live) AS " + ONE + " WHERE neap_value = 'neap'";
            String plan = String.join("", PlainSql.list(connection, sql, row -> row.getString(1)));
            if (NOT_MERGED.matcher(plan).find()) {
                findings.add(Finding.error(
                        "volatile-expression",
                        "rebuild.set.%s: \"%s\" is volatile, it may yield another value each time"
                                .formatted(column, rebuild.set().get(column).strip()),
                        "a row that changes while its partition is rebuilt is computed again, and a verification could not"
                                + " tell right from wrong",
                        "use an expression that depends on the row alone, or a function declared STABLE or IMMUTABLE"));
            }
            clock(column);
            otherTables(column, plan, leaf);
        }
    }

    private void clock(String column) {
        String sql = rebuild.set().get(column);
        if (sql != null && Clocks.in(sql)) {
            findings.add(Finding.warning(
                    "clock-expression",
                    "rebuild.set." + column + ": \"" + sql.strip() + "\" reads the clock",
                    "each batch is a transaction of its own, so rows get different times",
                    "write the time as a literal, such as timestamptz '2025-01-31 00:00:00Z'"));
        }
    }

    private void otherTables(String column, String plan, Leaf leaf) throws SQLException {
        Set<String> others = new TreeSet<>();
        Matcher scanned = SCANNED.matcher(plan);
        while (scanned.find()) {
            others.add(scanned.group(1));
        }
        others.remove(leaf.name().name());
        if (!others.isEmpty()) {
            findings.add(Finding.warning(
                    "other-tables",
                    "rebuild.set." + column + " reads other tables: " + String.join(", ", others),
                    "a change to them during the run reaches only the rows that are loaded after it",
                    "keep them unchanged until the run is done"));
        }
    }
}
