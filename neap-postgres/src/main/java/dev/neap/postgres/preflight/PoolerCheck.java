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
 * in its start-up message; a pooler puts in a number of its own. Then a second session begins a transaction: a pool in
 * transaction mode gives it the process that the first one, idle by then, was answered by, or the first one another. A
 * pool in which neither is seen is a warning.
 */
public final class PoolerCheck {
    private static final String NAME = "pooler";
    private static final int LOOKS = 5;

    private PoolerCheck() {}

    /** Opens one more session to the same server. */
    @FunctionalInterface
    public interface Opener {
        Connection open() throws SQLException;
    }

    /**
     * Looks at a connection in autocommit: a setting of one statement must be there in the next.
     *
     * @param other opens a second session where the first one looks pooled; it is closed again
     */
    public static List<Finding> look(Connection connection, Opener other) throws SQLException {
        long greeted = connection.unwrap(PGConnection.class).getBackendPID();
        String mark = "neap-" + System.nanoTime();
        List<Long> answered = new ArrayList<>();
        boolean kept = true;
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET neap.mark = '" + mark + "'");
            for (int i = 0; i < LOOKS; i++) {
                // In one statement: a pool that takes turns would answer two of them by the same two processes each
                // time.
                kept &= Query.of(
                                connection,
                                "SELECT pg_backend_pid(), coalesce(current_setting('neap.mark', true), '') = ?",
                                mark)
                        .list(row -> answered.add(row.getLong(1)) && row.getBoolean(2))
                        .get(0);
            }
            if (!answered.contains(greeted)) {
                occupy(connection, other, answered);
            }
            statement.execute("RESET neap.mark");
        }
        return verdict(greeted, answered, kept);
    }

    /** Adds a process that is not the session's own, if the session can be made to show one. */
    private static void occupy(Connection connection, Opener other, List<Long> answered) throws SQLException {
        try (Connection second = other.open()) {
            second.setAutoCommit(false);
            long taken = Query.of(second, "SELECT pg_backend_pid()").number();
            if (answered.contains(taken)) {
                answered.add(-taken);
            } else {
                answered.add(Query.of(connection, "SELECT pg_backend_pid()").number());
            }
            second.rollback();
        }
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
