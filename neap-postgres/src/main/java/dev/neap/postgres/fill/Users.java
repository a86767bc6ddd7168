package dev.neap.postgres.fill;

import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Sessions that a fill waits for, in words: those that hold locks on its tables, and those whose snapshot does not see what
 * was put in. One whose beginning cannot be seen may have begun at any time.
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

    /**
     * A DELETE in such a snapshot finds no row where one was put in since. While some old writer is open, new snapshots look
     * older than they are, so the transaction's beginning counts as well.
     */
    private static final String SNAPSHOTS = """
            \nUNION SELECT 'session ' || a.pid || ' of ' || coalesce(a.usename, '?') || ' ('
                   || coalesce(nullif(a.application_name, ''), 'no name') || '), in a transaction for '
                   || extract(epoch FROM clock_timestamp() - a.xact_start)::bigint
                   || ' s, with a snapshot from before the last row was put in'
            FROM pg_catalog.pg_stat_activity a
            WHERE a.datname = current_database() AND a.backend_xmin IS NOT NULL AND a.pid <> pg_backend_pid()
              AND coalesce(a.backend_type, '') NOT IN ('walsender', 'autovacuum worker', 'autovacuum launcher')
              AND coalesce(a.xact_start, '-infinity') < %1$s AND age(a.backend_xmin) >= %2$s
            """;

    /** Those that may hold rows: they were there before the wait for them began. */
    private static final String ROWS = """
            WITH RECURSIVE tree AS (
                SELECT unnest(?::oid[]) AS oid
                UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid)
            SELECT coalesce('session ' || h.pid || ' of ' || coalesce(h.usename, '?') || ' ('
                   || coalesce(nullif(h.application_name, ''), 'no name') || '), in a transaction for '
                   || extract(epoch FROM clock_timestamp() - h.began)::bigint || ' s',
                   'session ' || h.pid, 'prepared transaction ' || h.gid)
            FROM (SELECT DISTINCT l.pid, p.gid, a.usename, a.application_name, coalesce(a.xact_start, p.prepared) AS began
                  FROM pg_catalog.pg_locks l JOIN tree ON tree.oid = l.relation
                  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
                  LEFT JOIN pg_catalog.pg_prepared_xacts p ON l.virtualtransaction = '-1/' || p.transaction
                  WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
                    AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
                    AND l.mode <> 'AccessShareLock') AS h
            WHERE coalesce(h.began, '-infinity') <= clock_timestamp() - ? * interval '1 ms'
            ORDER BY h.began NULLS LAST LIMIT 3
            """;

    private Users() {}

    /** Who may hold rows, or all, of these tables for so long already: the oldest three at most. */
    static List<String> holding(Connection connection, List<Long> tables, long atLeastMs) throws SQLException {
        return Query.of(connection, ROWS, tables, atLeastMs).texts();
    }

    /**
     * Who wrote one of these tables in a transaction that began before the last row was put in, and is still open, or may
     * yet write in a snapshot from before it.
     */
    static List<String> sinceBefore(Connection connection, List<Long> tables, FillNames names) throws SQLException {
        String last =
                "coalesce((SELECT last_insert FROM neap.fill WHERE " + names.mine("fill") + "), clock_timestamp())";
        String batches = "(SELECT min(age(b.xid)) FROM neap.batch b JOIN neap.fill f USING (run_id, part) WHERE "
                + names.mine("b") + " AND b.at <= f.last_insert)";
        return Query.of(connection, WRITERS + last + SNAPSHOTS.formatted(last, batches), tables)
                .texts();
    }

    /**
     * The same of a row that is not the run's.
     *
     * @param moment since when it is there: a timestamp as the server writes it
     * @param transaction what put it in: a number as the server writes it
     */
    static List<String> sinceBefore(Connection connection, List<Long> tables, String moment, String transaction)
            throws SQLException {
        return Query.of(
                        connection,
                        WRITERS + "?::timestamptz" + SNAPSHOTS.formatted("?::timestamptz", "age(?::xid)"),
                        tables,
                        moment,
                        moment,
                        transaction)
                .texts();
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
