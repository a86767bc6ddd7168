package dev.neap.postgres.preview;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.Previewer;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.preflight.Finding;
import dev.neap.preview.Preview;
import dev.neap.preview.PreviewRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Previews on one PostgreSQL server. Everything is asked in one read-only transaction with one snapshot, which is rolled
 * back, on a session in which every transaction is read-only. The server ends a statement that goes on for too long, and
 * one whose client has gone.
 */
public final class PostgresPreviewer implements Previewer {
    /** What stands in the way of putting the file's expressions into a statement. */
    private static final Set<String> NOT_EXECUTED = Set.of(
            "one-expression",
            "set-column",
            "set-compiles",
            "volatile-expression",
            "recompute-text",
            "recompute-cut",
            "recompute-bound",
            "recompute-compiles",
            "recompute-columns",
            "recompute-types",
            "recompute-reads",
            "recompute-self");

    private final Sessions sessions;

    /** Where a session comes from. */
    @FunctionalInterface
    public interface Sessions {
        /** A session in autocommit, with `TimeZone = UTC` and `DateStyle = ISO`; closed by who asked for it. */
        Connection open() throws SQLException;
    }

    /** Previews over sessions of this kind, one for each call. */
    public PostgresPreviewer(Sessions sessions) {
        this.sessions = sessions;
    }

    @Override
    public Preview preview(Plan plan, PlannedUnit unit, PreviewRequest request) {
        refuseWhatIsNotExecuted(plan);
        try (Connection connection = sessions.open()) {
            begin(connection, request);
            try {
                return new Look(connection, plan, unit, request).look();
            } finally {
                connection.rollback();
            }
        } catch (SQLException e) {
            throw new PreviewFailures(plan, unit, request).explain(e);
        }
    }

    private static void refuseWhatIsNotExecuted(Plan plan) {
        List<Finding> why = plan.findings().stream()
                .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                .filter(finding -> NOT_EXECUTED.contains(finding.check()))
                .toList();
        if (!why.isEmpty()) {
            throw new NeapException(
                    Kind.USAGE,
                    why.stream()
                            .map(finding -> finding.what() + "; " + finding.fix())
                            .collect(Collectors.joining("\n")));
        }
    }

    private static void begin(Connection connection, PreviewRequest request) throws SQLException {
        PlainSql.execute(connection, "SET default_transaction_read_only = on");
        try {
            // Who presses Ctrl-C must not leave a scan behind.
            PlainSql.execute(connection, "SET client_connection_check_interval = '5s'");
        } catch (SQLException unsupported) {
            // Not every platform of a server can look; then the statement's timeout ends the scan.
            if (connection.isClosed()) {
                throw unsupported;
            }
        }
        connection.setAutoCommit(false);
        PlainSql.execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        PlainSql.execute(connection, "SET LOCAL lock_timeout = '5s'");
        PlainSql.execute(
                connection,
                "SET LOCAL statement_timeout = "
                        + PreviewFailures.patience(request).toMillis());
        PlainSql.execute(connection, "SET LOCAL standard_conforming_strings = on");
        // The application comes first: one core, and sorts that go to disk early.
        PlainSql.execute(connection, "SET LOCAL max_parallel_workers_per_gather = 0");
        PlainSql.execute(connection, "SET LOCAL work_mem = '32MB'");
    }
}
