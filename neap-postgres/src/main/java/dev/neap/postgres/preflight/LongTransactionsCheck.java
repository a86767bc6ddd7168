package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A swap waits for every older snapshot and for every lock on its tables. */
final class LongTransactionsCheck implements Check {
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
    public List<Finding> look(Subject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        List<String> sessions = Query.of(subject.connection(), SESSIONS).texts();
        if (!sessions.isEmpty()) {
            findings.add(Finding.warning(
                    name(),
                    "transactions are open for more than a minute: " + Few.of(sessions),
                    "a swap waits for older snapshots and for whoever uses its tables",
                    "let them end, or SELECT pg_terminate_backend(pid)"));
        }
        List<String> prepared = Query.of(subject.connection(), PREPARED).texts();
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
