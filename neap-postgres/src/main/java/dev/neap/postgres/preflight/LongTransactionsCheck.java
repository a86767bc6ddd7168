package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A swap and the beginning and the end of a fill wait for older transactions. */
final class LongTransactionsCheck implements ServerCheck {
    private static final String SESSIONS = """
            SELECT format('pid %s (%s, %s) for %s', a.pid, coalesce(a.usename, '?'),
                          coalesce(nullif(a.application_name, ''), 'no application name'),
                          date_trunc('second', clock_timestamp() - a.xact_start))
            FROM pg_stat_activity a
            WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
              AND a.xact_start < clock_timestamp() - interval '1 minute' AND a.backend_type = 'client backend'
            ORDER BY a.xact_start
            """;
    private static final String PREPARED = """
            SELECT format('%L (%s) since %s', gid, owner, to_char(prepared, 'YYYY-MM-DD HH24:MI:SS'))
            FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared
            """;

    @Override
    public String name() {
        return "long-transactions";
    }

    @Override
    public List<Finding> look(Connection connection, Backfill backfill) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        List<String> sessions = Query.of(connection, SESSIONS).texts();
        if (!sessions.isEmpty()) {
            findings.add(Finding.warning(
                    name(),
                    "transactions are open for more than a minute: " + Few.of(sessions),
                    backfill.fills()
                            ? "a fill begins and ends when whoever was writing its tables before has ended"
                            : "a swap waits for older snapshots and for whoever uses its tables",
                    "let them end, or SELECT pg_terminate_backend(pid)"));
        }
        List<String> prepared = Query.of(connection, PREPARED).texts();
        if (!prepared.isEmpty()) {
            findings.add(Finding.warning(
                    name(),
                    "prepared transactions are open: " + Few.of(prepared),
                    "they hold their locks until somebody ends them, and no session can be seen that does",
                    "COMMIT PREPARED or ROLLBACK PREPARED, each of them"));
        }
        return findings;
    }
}
