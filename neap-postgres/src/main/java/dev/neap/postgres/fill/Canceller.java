package dev.neap.postgres.fill;

import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;

/** Ends what a session executes, from another session, and closes it. */
public final class Canceller implements AutoCloseable {
    /** Opens a session. */
    @FunctionalInterface
    public interface Opener {
        Connection open() throws SQLException;
    }

    private final Connection connection;
    private final Opener opener;
    private final long pid;

    Canceller(Connection connection, Opener opener) throws SQLException {
        this.connection = connection;
        this.opener = opener;
        this.pid = Query.of(connection, "SELECT pg_backend_pid()").number();
    }

    /** A cancel that does not arrive leaves the statement to its own end. */
    void cancel() {
        try (Connection other = opener.open()) {
            Query.of(other, "SELECT pg_cancel_backend(?::int)", pid).truth();
        } catch (SQLException e) {
            return;
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The server ends the session.
            return;
        }
    }
}
