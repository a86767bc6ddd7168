package dev.neap.postgres.fill;

import com.fasterxml.jackson.databind.JsonNode;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Explanation.Actual;
import dev.neap.plan.Explanation.Batch;
import dev.neap.plan.PlannedUnit.Segment;
import dev.neap.postgres.fill.FillStatements.Named;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.planning.PlanReader;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Executes the statements of one small batch in one transaction, and rolls it back whatever happens. What a run keeps in
 * the schema `neap` is temporary here; no trigger is put on the walked table, so nobody waits for that.
 */
final class FillRehearsal {
    private static final String EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, WAL, VERBOSE, FORMAT JSON) ";
    /** Keys that are reconciled, as if the application had written them. */
    private static final int CHANGED = 50;

    private final Connection connection;
    private final FillTables tables;
    private final FillNames names = FillNames.temporary();
    private final long graceMs;

    /** @param connection in autocommit, used by nobody else meanwhile */
    FillRehearsal(Connection connection, FillTables tables, long graceMs) {
        this.connection = connection;
        this.tables = tables;
        this.graceMs = graceMs;
    }

    /**
     * What executing them has shown.
     *
     * @param rows rows of the sample
     * @param statements what each took, by its name; without those that were left out
     * @param transform how long a transform in Java took over the sample
     * @param notes what was left out
     */
    record Rehearsed(long rows, Map<String, Actual> statements, Duration transform, List<String> notes) {}

    /**
     * Executes them.
     *
     * @param batch the sample
     * @param rows the most rows of a batch
     */
    Rehearsed execute(Segment segment, Batch batch, int rows, Tuning tuning) throws SQLException {
        return tables.fill().transform() == null
                ? new Rehearsed(
                        batch.looked(),
                        inOne(segment, batch.upTo(), rows, tuning, null, null),
                        Duration.ZERO,
                        List.of())
                : inJava(segment, batch, rows, tuning);
    }

    private Rehearsed inJava(Segment segment, Batch batch, int rows, Tuning tuning) throws SQLException {
        FillSession session = new FillSession(connection, tuning.lockDeadline().toMillis());
        try (Making making = new Making(session, tables, names, false, tuning.transformTime())) {
            Making.Reading sample = session.in("repeatable read", s -> {
                s.execute("SET TRANSACTION READ ONLY");
                return making.read(s, making.sql().batch(segment.after(), batch.upTo(), false));
            });
            // What does not fit into memory ends the sample before it does.
            Batch whole = sample.cut()
                    ? new Batch(
                            batch.after(),
                            sample.rows().get(sample.rows().size() - 1).key(),
                            sample.rows().size(),
                            sample.rows().size())
                    : batch;
            long began = System.nanoTime();
            Made made = making.transform(sample);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            if (!made.bad().isEmpty()) {
                throw new NeapException(
                        Kind.STOP,
                        "nothing was written: the transform failed for a row of the sample (" + made.bad()
                                + "). A run sets" + " such rows aside; mend the cause, or plan with --explain alone");
            }
            return new Rehearsed(
                    whole.looked(),
                    inOne(segment, whole.upTo(), rows, tuning, making, made),
                    took,
                    tables.fill().inPlace()
                            ? List.of()
                            : List.of(
                                    "what follows the application's changes was not rehearsed: a run asks the transform"
                                            + " again for it"));
        } finally {
            for (String drop : StageSql.drop()) {
                PlainSql.execute(connection, drop);
            }
        }
    }

    private Map<String, Actual> inOne(
            Segment segment, List<String> upTo, int rows, Tuning tuning, @Nullable Making making, @Nullable Made made)
            throws SQLException {
        connection.setAutoCommit(false);
        try {
            PlainSql.execute(
                    connection,
                    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = "
                            + tuning.lockDeadline().toMillis() + "; SET LOCAL statement_timeout = "
                            + FillSession.MOST_MS);
            List<Named> all = new FillStatements(tables, names, graceMs).all(segment, upTo, rows);
            if (making == null || made == null) {
                return execute(segment, upTo, all);
            }
            making.stage(made);
            return execute(
                    segment,
                    upTo,
                    all.stream()
                            .filter(each -> !each.name().startsWith("reconcile"))
                            .toList());
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private Map<String, Actual> execute(Segment segment, List<String> upTo, List<Named> statements)
            throws SQLException {
        List<Named> all = new ArrayList<>(statements);
        // Its settings hold until the end of the transaction: what has some comes last.
        all.sort(
                (a, b) -> Boolean.compare(!a.settings().isEmpty(), !b.settings().isEmpty()));
        if (!tables.fill().inPlace()) {
            make();
        }
        boolean changed = false;
        Map<String, Actual> actual = new LinkedHashMap<>();
        for (Named statement : all) {
            if (!changed && statement.name().startsWith("reconcile")) {
                change(segment, upTo);
                changed = true;
            }
            if (!statement.settings().isEmpty()) {
                PlainSql.execute(connection, statement.settings());
            }
            actual.put(statement.name(), execute(statement));
        }
        return actual;
    }

    private void make() throws SQLException {
        for (String create : new FillCapture(tables, names).tables(connection)) {
            PlainSql.execute(connection, create);
        }
        if (tables.fill().transform() == null) {
            PlainSql.execute(connection, new ReconcileSql(tables, names).wasFunction());
        }
        PlainSql.execute(
                connection,
                "CREATE TABLE " + names.wrote()
                        + " (run_id bigint, part int, xid xid, at timestamptz); CREATE INDEX ON " + names.wrote()
                        + " USING hash (xid); INSERT INTO " + names.wrote() + " VALUES (" + names.run()
                        + ", " + names.part() + ", pg_current_xact_id()::xid, clock_timestamp())");
    }

    private void change(Segment segment, List<String> upTo) throws SQLException {
        PlainSql.execute(connection, new ReconcileSql(tables, names).pretendChanges(segment.after(), upTo, CHANGED));
    }

    private Actual execute(Named statement) throws SQLException {
        try {
            String json =
                    String.join("\n", PlainSql.list(connection, EXPLAIN + statement.sql(), row -> row.getString(1)));
            JsonNode root = PlanReader.parsed(json).path(0);
            return new Actual(
                    rows(root.path("Plan")),
                    Duration.ofNanos((long) (root.path("Execution Time").asDouble() * 1e6)),
                    root.path("Plan").path("WAL Bytes").asLong(),
                    json);
        } catch (SQLException e) {
            throw new NeapException(
                    Kind.STOP,
                    "the rehearsal was rolled back: its statement '" + statement.name() + "' failed ("
                            + PlainSql.message(e) + "). A run tries again what failed for a lock, and sets rows aside"
                            + " that cannot be written; mend the cause, or plan with --explain alone",
                    e);
        }
    }

    /** Of what writes and yields nothing, the rows that came from below, less those that conflicted. */
    private static long rows(JsonNode plan) {
        if (!plan.path("Node Type").asText().equals("ModifyTable")) {
            return plan.path("Actual Rows").asLong();
        }
        return plan.has("Tuples Inserted")
                ? plan.path("Tuples Inserted").asLong()
                : plan.path("Plans").path(0).path("Actual Rows").asLong();
    }

    /** What is left of it, in words. */
    List<String> leaves() throws SQLException {
        List<String> leaves = new ArrayList<>(List.of(
                "dead versions of the rows that it wrote, in the table and its indexes, until a vacuum takes them",
                "log that was written, and a transaction number"));
        if (!tables.fill().inPlace()) {
            leaves.add("numbers that defaults took from sequences: what comes next begins behind a gap");
        }
        List<String> triggers = Query.of(
                        connection,
                        "SELECT tgname FROM pg_catalog.pg_trigger WHERE tgrelid = ?::oid AND NOT tgisinternal AND tgenabled"
                                + " <> 'D' ORDER BY 1",
                        tables.into().oid())
                .texts();
        if (!triggers.isEmpty()) {
            leaves.add("whatever the triggers " + String.join(", ", triggers) + " did outside the database");
        }
        if (tables.fill().transform() != null) {
            leaves.add("whatever the transform did outside the database, for the rows of the sample");
        }
        return leaves;
    }
}
