package dev.neap.postgres.signals;

import dev.neap.postgres.query.SqlFailures;
import dev.neap.throttle.Reading;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * A session with two seconds for a statement, which only reads where nothing else is said. It is opened when it is needed, and anew after a failure.
 * Signals that share it take turns.
 */
final class SignalSession implements AutoCloseable {
    /** How long a statement of a signal may take. */
    static final Duration STATEMENT = Duration.ofSeconds(2);

    /** Well after the server has ended a statement: what has not come by then does not come. */
    private static final int ANSWER_MS = 5_000;

    /** Makes a reading of what the server says. */
    interface Look {
        Reading at(Connection connection) throws SQLException;
    }

    private static final String READS = "SET default_transaction_read_only = on";

    /** Executed so often, the server keeps a statement's plan: for most of them that takes longer to make than to carry out. */
    private static final int PLANNED_AFTER = 3;

    private final PostgresSignals.Opener opener;
    private final String settings;
    private final int plannedAfter;
    private @Nullable Connection session;

    /** One for Neap's own statements. */
    SignalSession(PostgresSignals.Opener opener) {
        this(opener, READS);
    }

    /** @param settings a statement that sets what it needs */
    SignalSession(PostgresSignals.Opener opener, String settings) {
        this(opener, settings, PLANNED_AFTER);
    }

    private SignalSession(PostgresSignals.Opener opener, String settings, int plannedAfter) {
        this.opener = opener;
        this.settings = settings;
        this.plannedAfter = plannedAfter;
    }

    /** One for the user's statements: these are planned each time, as what they stand for may be. */
    static SignalSession ofUsers(PostgresSignals.Opener opener) {
        return new SignalSession(opener, READS, 0);
    }

    /** The reading, or one without a value that says what went wrong. */
    synchronized Reading read(Look look) {
        try {
            return look.at(connection());
        } catch (SQLException e) {
            close();
            return Reading.none(String.valueOf(SqlFailures.explain(e).getMessage()));
        }
    }

    /** The session, open; after a failure on it {@link #close} makes the next one a new one. */
    synchronized Connection connection() throws SQLException {
        Connection known = session;
        if (known != null) {
            return known;
        }
        Connection opened = opener.open();
        session = opened;
        opened.setNetworkTimeout(Runnable::run, ANSWER_MS);
        opened.unwrap(PGConnection.class).setPrepareThreshold(plannedAfter);
        try (Statement s = opened.createStatement()) {
            s.execute("SET statement_timeout = " + STATEMENT.toMillis() + "; " + settings);
        }
        return opened;
    }

    @Override
    public synchronized void close() {
        Connection known = session;
        session = null;
        if (known != null) {
            try {
                known.close();
            } catch (SQLException e) {
                // The server ends the session.
                return;
            }
        }
    }
}
