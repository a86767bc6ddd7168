package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** Other sessions: who holds locks on some tables, and who has a snapshot that is older than the shadow's rows. */
final class Bystanders {
    /**
     * A session that has an old snapshot, as long as pid, snapshot and transaction stay as they are.
     */
    record Old(long pid, String snapshot, String transaction, String words) {
        boolean same(Old other) {
            return pid == other.pid && snapshot.equals(other.snapshot) && transaction.equals(other.transaction);
        }
    }

    /** A session or a prepared transaction in words, of `a` from pg_stat_activity and `p` from pg_prepared_xacts. */
    static final String WHO = """
            coalesce('session ' || a.pid, 'prepared transaction ' || quote_literal(p.gid), 'a prepared transaction')
            || coalesce(' of ' || coalesce(a.usename, p.owner), '')
            || coalesce(' (' || nullif(a.application_name, '') || ')', '')
            || coalesce(', in a transaction for '
               || extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, p.prepared))::int || ' s', '')
            || coalesce(', ' || nullif(rtrim(regexp_replace(left(a.query, 60), '\\s+', ' ', 'g'), '; '), ''), '')
            """;

    private final Connection connection;

    Bystanders(Connection connection) {
        this.connection = connection;
    }

    /**
     * Who holds a lock on one of the tables that an exclusive lock would have to wait for.
     *
     * @param atLeastMs only those whose transaction is at least this old; autovacuum gives way and is left out unless it
     *     prevents wraparound
     */
    List<String> holders(List<Long> tables, long atLeastMs, long besides) throws SQLException {
        return Query.of(
                        connection,
                        "SELECT min(" + WHO
                                + ") || ', holds ' || string_agg(DISTINCT l.mode || ' on ' || l.relation::regclass, ', ')"
                                + """

                        FROM pg_locks l
                        LEFT JOIN pg_stat_activity a ON a.pid = l.pid
                        LEFT JOIN pg_locks x ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid'
                               AND x.virtualtransaction = l.virtualtransaction
                        LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
                        WHERE l.locktype = 'relation' AND l.granted AND l.mode <> 'SIReadLock'
                          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                          AND l.relation::bigint = ANY (string_to_array(?, ',')::bigint[])
                          AND l.pid IS DISTINCT FROM pg_backend_pid() AND l.pid IS DISTINCT FROM ?::int
                          AND coalesce(clock_timestamp() - coalesce(a.xact_start, p.prepared)
                                       >= ?::bigint * interval '1 millisecond', a.pid IS NULL)
                          AND (coalesce(a.backend_type, '') <> 'autovacuum worker' OR a.query LIKE '%wraparound%')
                        GROUP BY l.pid, l.virtualtransaction LIMIT 5
                        """,
                        tables.stream().map(String::valueOf).collect(Collectors.joining(",")),
                        (int) besides,
                        atLeastMs)
                .texts();
    }

    /**
     * Sessions whose snapshot may not see everything that this transaction, or an older one, wrote. One of which the role
     * may not see what it is counts too.
     *
     * @param atLeastMs only those whose transaction is at least this old: while some old writer is open, new snapshots
     *     look older than they are
     * @param own as for {@link #olderThanSql}
     */
    List<Old> olderThan(String lastWrite, long atLeastMs, long besides, String own) throws SQLException {
        return Query.of(
                        connection,
                        olderThanSql("NULLIF(" + Names.literal(lastWrite) + ", '')::xid8", atLeastMs, besides, own))
                .list(Bystanders::old);
    }

    /**
     * The same as SQL.
     *
     * @param lastWrite an expression; null when nothing was written yet, and then nobody is too old
     * @param own how the names of the sessions of this run's units begin: they read no partition but their own, or there
     *     is but one of them; empty for none
     */
    static String olderThanSql(String lastWrite, long atLeastMs, long besides, String own) {
        return "SELECT a.pid, a.backend_xmin::text, coalesce(a.xact_start::text, ''), " + WHO
                + """
                || ', reads with a snapshot older than the shadow'
                FROM pg_stat_activity a LEFT JOIN pg_prepared_xacts p ON false
                WHERE a.datname = current_database() AND a.backend_xmin IS NOT NULL
                  AND a.pid <> pg_backend_pid() AND a.pid <> %d
                  AND coalesce(a.backend_type, '') NOT IN ('walsender', 'autovacuum worker', 'autovacuum launcher')
                  AND (%s = '' OR NOT starts_with(a.application_name, %s))
                  AND age(a.backend_xmin) >= age((%s)::xid)
                  AND coalesce(clock_timestamp() - a.xact_start >= %d * interval '1 millisecond', %d = 0)
                """.formatted(besides, Names.literal(own), Names.literal(own), lastWrite, atLeastMs, atLeastMs);
    }

    static Old old(ResultSet r) throws SQLException {
        return new Old(r.getLong(1), r.getString(2), r.getString(3), r.getString(4));
    }
}
