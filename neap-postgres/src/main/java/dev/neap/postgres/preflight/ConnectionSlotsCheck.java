package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.plan.RunSessions;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** A run needs a few sessions, and must not take the application's last ones. */
final class ConnectionSlotsCheck implements ServerCheck {
    private static final String FREE = """
            SELECT least(
                current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
                  - coalesce(nullif(current_setting('reserved_connections', true), '')::bigint, 0)
                  - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
                (SELECT CASE WHEN datconnlimit < 0 THEN 1000000 ELSE datconnlimit
                        - (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) END
                 FROM pg_database WHERE datname = current_database()),
                (SELECT CASE WHEN rolconnlimit < 0 THEN 1000000 ELSE rolconnlimit
                        - (SELECT count(*) FROM pg_stat_activity WHERE usename = current_user) END
                 FROM pg_roles WHERE rolname = current_user))
            """;

    @Override
    public String name() {
        return "connection-slots";
    }

    @Override
    public List<Finding> look(Connection connection, Backfill backfill) throws SQLException {
        return verdict(
                Query.of(connection, FREE).number(), RunSessions.of(backfill).most(1));
    }

    List<Finding> verdict(long free, int needed) {
        if (free >= needed) {
            return List.of();
        }
        return List.of(Finding.warning(
                name(),
                "%,d more connections are possible now, of this server, this database and this role".formatted(free),
                "a run with one worker uses up to %,d, and the application needs some too".formatted(needed),
                "raise max_connections, or the CONNECTION LIMIT of the database or the role"));
    }
}
