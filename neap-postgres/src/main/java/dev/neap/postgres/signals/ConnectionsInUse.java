package dev.neap.postgres.signals;

import dev.neap.backfill.ServerSignal;
import dev.neap.postgres.query.Query;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * How many percent of the sessions that ordinary roles may have are in use, Neap's among them. It does not follow Neap's
 * speed, so there is nothing between going and waiting.
 */
final class ConnectionsInUse implements SignalSession.Look {
    static final String NAME = ServerSignal.CONNECTIONS.label();

    /** Of sessions that the role may not look at, one cannot tell what they are; they count. */
    private static final String SQL = """
            SELECT 100.0 * count(*) / (current_setting('max_connections')::int
                       - current_setting('superuser_reserved_connections')::int
                       - coalesce(current_setting('reserved_connections', true)::int, 0))
            FROM pg_stat_activity
            WHERE datid IS NOT NULL AND usesysid IS NOT NULL
              AND coalesce(backend_type, 'client backend') = 'client backend'
            """;

    /** @param percent from here on nothing is written */
    static Limits limits(double percent) {
        return new Limits(NAME, Limits.Unit.PERCENT, percent, percent, Duration.ofSeconds(1), Duration.ZERO);
    }

    @Override
    public Reading at(Connection connection) throws SQLException {
        return Reading.of(
                Query.of(connection, SQL).list(row -> row.getDouble(1)).get(0), "");
    }
}
