package dev.neap.postgres.signals;

import dev.neap.backfill.ServerSignal;
import dev.neap.postgres.query.Query;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * How old the oldest transaction of others is that keeps dead rows of this database from being removed, those that Neap
 * leaves too: of a session, a prepared one, or what a standby or a slot holds back for somebody elsewhere. It does not follow
 * Neap's speed, so there is nothing between going and waiting. Not for use by several threads.
 */
final class OldestTransaction implements SignalSession.Look {
    static final String NAME = ServerSignal.TRANSACTION.label();

    private static final String SEES = "SELECT pg_has_role('pg_read_all_stats', 'USAGE'), quote_ident(current_user)";

    /** Neap's own transactions are short. */
    private static final String SQL = """
            SELECT extract(epoch FROM clock_timestamp() - since), who
            FROM (SELECT xact_start, 'session ' || pid || coalesce(' (' || nullif(application_name, '') || ')', '')
                  FROM pg_stat_activity
                  WHERE datname = current_database() AND backend_type = 'client backend'
                    AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)
                    AND application_name NOT LIKE ? || ' %' AND pid <> pg_backend_pid()
                  UNION ALL
                  SELECT prepared, 'prepared transaction ' || gid
                  FROM pg_prepared_xacts WHERE database = current_database()) AS open (since, who)
            WHERE since IS NOT NULL
            ORDER BY since LIMIT 1
            """;

    private static final String ELSEWHERE = """
            SELECT 'standby ' || coalesce(nullif(application_name, ''), 'without a name')
                     || coalesce(' at ' || host(client_addr), ''), backend_xmin::text, age(backend_xmin)
            FROM pg_stat_replication WHERE backend_xmin IS NOT NULL
            UNION ALL
            SELECT 'slot ' || slot_name, xmin::text, age(xmin) FROM pg_replication_slots
            WHERE xmin IS NOT NULL AND wal_status IS DISTINCT FROM 'lost'
            """;

    private final String run;
    private final HeldBack heldBack = new HeldBack();

    /** @param run how the names of the run's sessions begin */
    OldestTransaction(String run) {
        this.run = run;
    }

    /** @param seconds from here on nothing is written */
    static Limits limits(double seconds) {
        return new Limits(NAME, Limits.Unit.SECONDS, seconds, seconds, Duration.ofSeconds(1), Duration.ZERO);
    }

    @Override
    public Reading at(Connection connection) throws SQLException {
        String hidden = hidden(connection);
        if (!hidden.isEmpty()) {
            return Reading.none(hidden);
        }
        Reading here = Query.of(connection, SQL, run)
                .first(row -> Reading.of(Math.max(0, row.getDouble(1)), row.getString(2)))
                .orElse(Reading.of(0, ""));
        Reading elsewhere = heldBack.longest(
                Query.of(connection, ELSEWHERE)
                        .list(row -> new HeldBack.Holder(row.getString(1), row.getString(2), row.getLong(3))),
                System.nanoTime());
        return elsewhere.value() > here.value() ? elsewhere : here;
    }

    /** Why the role does not see the transactions of others; empty where it does. */
    static String hidden(Connection connection) throws SQLException {
        return Query.of(connection, SEES)
                .list(row -> row.getBoolean(1)
                        ? ""
                        : "the role may not see the transactions of others; GRANT pg_read_all_stats TO "
                                + row.getString(2))
                .get(0);
    }
}
