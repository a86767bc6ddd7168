package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;

/**
 * Whether a connection pooler such as PgBouncer stands between. The server process that greeted this connection is named
 * in its start-up message; a pooler puts in a number of its own. Whether it pools by transaction is seen only if another
 * server process answers meanwhile, so a pooler of unknown mode is a warning.
 */
public final class PoolerCheck {
    private static final String NAME = "pooler";
    private static final int LOOKS = 5;

    private PoolerCheck() {}

    /** Looks at a connection in autocommit: a setting of one statement must be there in the next. */
    public static List<Finding> look(Connection connection) throws SQLException {
        long greeted = connection.unwrap(PGConnection.class).getBackendPID();
        String mark = "neap-" + System.nanoTime();
        List<Long> answered = new ArrayList<>();
        boolean kept = true;
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET neap.mark = '" + mark + "'");
            for (int i = 0; i < LOOKS; i++) {
                answered.add(Query.of(connection, "SELECT pg_backend_pid()").number());
                kept &= mark.equals(Query.of(connection, "SELECT coalesce(current_setting('neap.mark', true), '')")
                        .text());
            }
            statement.execute("RESET neap.mark");
        }
        return verdict(greeted, answered, kept);
    }

    static List<Finding> verdict(long greeted, List<Long> answered, boolean settingKept) {
        boolean moving = answered.stream().distinct().count() > 1;
        if (moving || !settingKept) {
            return List.of(Finding.error(
                    NAME,
                    "the statements of one session are answered by different server processes",
                    "a pooler that pools by transaction loses the settings and the locks of a session",
                    "connect to the server itself, or to a pool in session mode"));
        }
        if (!answered.contains(greeted)) {
            return List.of(Finding.warning(
                    NAME,
                    "a connection pooler stands between Neap and the server",
                    "one that pools by transaction would lose the settings and the locks of a session, and from here its"
                            + " mode cannot be seen",
                    "connect to the server itself, or make sure that the pool is in session mode"));
        }
        return List.of();
    }
}
