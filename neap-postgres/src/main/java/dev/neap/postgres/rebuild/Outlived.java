package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Sessions that have units of a run locked: a statement that was under way when its process ended goes on to its end. */
public final class Outlived {
    private Outlived() {}

    /** Each in words, with its unit; at most 5. */
    public static List<String> of(Connection connection, long run) throws SQLException {
        return Query.of(connection, "SELECT " + Bystanders.WHO + """
                        || ', has ' || u.schema_name || '.' || u.partition_name || ' still at work'
                        FROM neap.unit u
                        JOIN pg_locks l ON l.locktype = 'transactionid' AND l.granted AND l.transactionid = u.xmax
                        LEFT JOIN pg_stat_activity a ON a.pid = l.pid
                        LEFT JOIN pg_prepared_xacts p ON p.transaction = l.transactionid
                        WHERE u.run_id = ? AND u.state = 'running' AND l.pid IS DISTINCT FROM pg_backend_pid()
                        ORDER BY u.position LIMIT 5
                        """, run).texts();
    }
}
