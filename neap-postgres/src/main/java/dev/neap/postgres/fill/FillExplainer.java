package dev.neap.postgres.fill;

import dev.neap.plan.Explanation;
import dev.neap.plan.Explanation.Batch;
import dev.neap.plan.Explanation.Statement;
import dev.neap.plan.PlannedUnit.Segment;
import dev.neap.plan.StatementPlan;
import dev.neap.plan.TableScan;
import dev.neap.postgres.fill.FillStatements.Named;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.planning.PlanReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** How the server would carry out the statements of a fill; nothing is made, and nothing written. */
final class FillExplainer {
    /** What a batch begins with. */
    static final int ROWS = 500;

    /** Batches that are shown. */
    private static final int SHOWN = 10;

    private final Connection connection;
    private final FillTables tables;
    private final int rows;
    private final FillStatements statements;

    /** @param connection inside a read-only transaction */
    FillExplainer(Connection connection, FillTables tables, int batchRows, long graceMs) {
        this.connection = connection;
        this.tables = tables;
        this.rows = Math.min(ROWS, batchRows);
        this.statements = new FillStatements(tables, FillNames.standIns(), graceMs);
    }

    /**
     * What was explained.
     *
     * @param sent the statements as they were sent
     * @param plans the plan of each
     */
    record Explained(List<Named> sent, List<StatementPlan> plans) {}

    /** Everything of a segment's first batch, in words too. */
    Explanation explanation(Segment segment) throws SQLException {
        Explained explained = explain(segment);
        List<Statement> all = new ArrayList<>();
        for (int i = 0; i < explained.plans().size(); i++) {
            StatementPlan plan = explained.plans().get(i);
            all.add(new Statement(plan, explained.sent().get(i).settings(), verdict(plan), null));
        }
        return new Explanation(all, batches(segment, SHOWN), notes(), null);
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (!tables.fill().inPlace()) {
            notes.add("a run makes the table of changes, the table of its transactions"
                    + (tables.fill().transform() == null ? " and a function" : "")
                    + " first; queries called neap_… of as many rows stand in their place here");
        }
        if (tables.fill().transform() != null) {
            notes.add(
                    "what the transform makes of a batch is staged in a temporary table; a query called neap_made of as"
                            + " many rows stands in its place here, and the transform is not called");
        }
        return notes;
    }

    private static String verdict(StatementPlan plan) {
        List<String> words = new ArrayList<>();
        for (TableScan scan : plan.scans()) {
            if (scan.tooMuch(plan.meant())) {
                words.add("reads all of " + scan.table() + ", about " + "%,d rows".formatted(scan.tableRows()) + ": "
                        + ScansCheck.index(scan));
            } else if (scan.whole()) {
                words.add(scan.table() + " whole, as is right for its size");
            } else {
                words.add(scan.table() + " by " + (scan.index() == null ? scan.how() : scan.index()));
            }
        }
        return words.isEmpty() ? "reads no table but Neap's own" : String.join("; ", new LinkedHashSet<>(words));
    }

    /** The first batches of a segment, at most so many, each as large as the first one of a run. */
    List<Batch> batches(Segment segment, int most) throws SQLException {
        WalkSql walk = new WalkSql(tables, FillNames.standIns());
        int columns = tables.key().size();
        List<Batch> batches = new ArrayList<>();
        List<String> after = segment.after();
        while (batches.size() < most) {
            List<String> begin = after;
            List<Batch> next = PlainSql.list(
                    connection,
                    walk.upper(begin, segment.upTo(), rows, false),
                    row -> new Batch(
                            begin,
                            FillSession.texts(row, columns),
                            row.getLong(columns + 1),
                            row.getLong(columns + 2)));
            if (next.isEmpty()) {
                return batches;
            }
            batches.add(next.get(0));
            after = next.get(0).upTo();
        }
        return batches;
    }

    /** The plans of all statements, for the first batch of a segment. */
    Explained explain(Segment segment) throws SQLException {
        List<String> upTo = firstEnd(segment);
        List<Named> sent = new ArrayList<>();
        List<StatementPlan> plans = new ArrayList<>();
        PlanReader reader = new PlanReader(connection);
        for (Named statement : statements.all(segment, upTo, rows)) {
            Named standing = new Named(
                    statement.name(),
                    statement.settings(),
                    statements.standing(statement.sql(), rows),
                    statement.meant());
            sent.add(standing);
            plans.add(explained(reader, standing));
        }
        return new Explained(sent, plans);
    }

    private StatementPlan explained(PlanReader reader, Named statement) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            if (!statement.settings().isEmpty()) {
                PlainSql.execute(connection, statement.settings());
            }
            return reader.explain(statement.name(), statement.sql(), statement.meant());
        } finally {
            connection.rollback(before);
        }
    }

    /** Where the predicate of the file fails for a row, as the run would find out, the segment's own end must do. */
    private List<String> firstEnd(Segment segment) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            List<Batch> first = batches(segment, 1);
            return first.isEmpty() ? segment.upTo() : first.get(0).upTo();
        } catch (SQLException e) {
            connection.rollback(before);
            return segment.upTo();
        }
    }
}
