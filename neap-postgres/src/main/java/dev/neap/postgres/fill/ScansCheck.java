package dev.neap.postgres.fill;

import dev.neap.plan.StatementPlan;
import dev.neap.plan.TableScan;
import dev.neap.postgres.fill.FillStatements.Named;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.planning.PlanReader;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Large tables that a statement would read from end to end. Where the server would do so even if it is told not to, an
 * index is missing; where it would not, it holds the scan for cheaper, which old statistics may have told it.
 */
final class ScansCheck {
    private final FillSubject subject;

    ScansCheck(FillSubject subject) {
        this.subject = subject;
    }

    /** Each table once. */
    List<Finding> look(FillExplainer.Explained explained) throws SQLException {
        Map<String, Finding> byTable = new LinkedHashMap<>();
        for (int i = 0; i < explained.plans().size(); i++) {
            StatementPlan plan = explained.plans().get(i);
            for (TableScan scan : plan.tooMuch()) {
                if (!byTable.containsKey(scan.table())) {
                    finding(explained.sent().get(i), plan, scan, byTable);
                }
            }
        }
        return new ArrayList<>(byTable.values());
    }

    private void finding(Named statement, StatementPlan plan, TableScan scan, Map<String, Finding> byTable)
            throws SQLException {
        String what = "the statement '" + plan.name() + "' reads all of " + scan.table() + ", about "
                + "%,d rows".formatted(scan.tableRows()) + (scan.forEachRow() ? ", for each row of a batch" : "");
        if (!indexed(statement, scan)) {
            byTable.put(
                    scan.table(),
                    subject.inProd(
                            "table-scan", what, "no index serves it, and each batch would do that anew", index(scan)));
        } else if (!plan.name().startsWith("look")) {
            byTable.put(
                    scan.table(),
                    Finding.warning(
                            "table-scan",
                            what,
                            "there is an index, but the server holds the scan for cheaper; the run keeps watch on it",
                            "ANALYZE " + scan.table()));
        }
    }

    private boolean indexed(Named statement, TableScan scan) throws SQLException {
        Connection connection = subject.connection();
        Savepoint before = connection.setSavepoint();
        try {
            PlainSql.execute(connection, FillStatements.BY_INDEX);
            StatementPlan without = new PlanReader(connection).explain(statement.name(), statement.sql(), 1);
            return without.scans().stream().noneMatch(other -> other.alias().equals(scan.alias()) && other.whole());
        } finally {
            connection.rollback(before);
        }
    }

    /** What mends a scan that no index serves. */
    static String index(TableScan scan) {
        return scan.columns().isEmpty()
                ? "read less of it: say which of its rows are meant by a column that can be indexed, or put what is needed"
                        + " into a smaller table"
                : "CREATE INDEX CONCURRENTLY ON " + scan.table() + " (" + scan.columns() + ")";
    }
}
