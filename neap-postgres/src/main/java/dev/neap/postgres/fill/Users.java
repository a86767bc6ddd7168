package dev.neap.postgres.fill;

import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Sessions that hold locks on the tables of a fill, in words. One whose beginning cannot be seen may have begun at any time.
 */
final class Users {
    private static final String WRITES = """
            l.granted AND l.mode IN ('RowExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                                     'AccessExclusiveLock')""";

    /** Whoever waits for such a lock is in the way already. */
    private static final String SHUTS_OUT = "l.mode IN ('ExclusiveLock', 'AccessExclusiveLock')";

    private static final String HOLDERS = """
            WITH RECURSIVE tree AS (
                SELECT unnest(?::oid[]) AS oid
                UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid)
            SELECT DISTINCT coalesce('session ' || a.pid || ' of ' || coalesce(a.usename, '?') || ' ('
                   || coalesce(nullif(a.application_name, ''), 'no name') || '), in a transaction for '
                   || extract(epoch FROM clock_timestamp() - a.xact_start)::bigint || ' s',
                   'prepared transaction ' || p.gid)
            FROM pg_catalog.pg_locks l JOIN tree ON tree.oid = l.relation
            LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
            LEFT JOIN pg_catalog.pg_prepared_xacts p ON l.virtualtransaction = '-1/' || p.transaction
            WHERE l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid()
              AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
              AND {locks}
              AND coalesce(a.xact_start, p.prepared, '-infinity') <\s""";

    private static final String WRITERS = HOLDERS.replace("{locks}", WRITES);

    private Users() {}

    /** Who wrote one of these tables in a transaction that began before the last row was put in, and is still open. */
    static List<String> sinceBefore(Connection connection, List<Long> tables, FillNames names) throws SQLException {
        return Query.of(
                        connection,
                        WRITERS + "coalesce((SELECT last_insert FROM neap.fill WHERE " + names.mine("fill")
                                + "), clock_timestamp())",
                        tables)
                .texts();
    }

    /** The same of any moment: a timestamp as the server writes it. */
    static List<String> sinceBefore(Connection connection, List<Long> tables, String moment) throws SQLException {
        return Query.of(connection, WRITERS + "?::timestamptz", tables, moment).texts();
    }

    /** Who writes one of these tables now. */
    static List<String> now(Connection connection, List<Long> tables) throws SQLException {
        return Query.of(connection, WRITERS + "clock_timestamp()", tables).texts();
    }

    /** Who lets nobody read or lock rows of one of these tables now. */
    static List<String> inTheWay(Connection connection, List<Long> tables) throws SQLException {
        return Query.of(connection, HOLDERS.replace("{locks}", SHUTS_OUT) + "clock_timestamp()", tables)
                .texts();
    }
}
