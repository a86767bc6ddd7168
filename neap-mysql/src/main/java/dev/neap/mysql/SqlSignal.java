package dev.neap.mysql;

import dev.neap.backfill.OwnSignal;
import dev.neap.mysql.query.Query;
import dev.neap.mysql.query.SqlFailures;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A query of the user's own, on a session that only reads; it is opened when it is needed, and anew after a failure. */
final class SqlSignal implements Signal {
    /** Well after the server has ended a statement: what has not come by then does not come. */
    private static final int ANSWER_MS = 5_000;

    private final Sessions sessions;
    private final String sql;
    private final Limits limits;
    private @Nullable Connection session;

    SqlSignal(Sessions sessions, OwnSignal own, String sql) {
        this.sessions = sessions;
        this.sql = sql;
        this.limits = new Limits(own.name(), Limits.Unit.COUNT, own.warning(), own.limit(), own.every(), Duration.ZERO);
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public synchronized Reading read() {
        try {
            return Reading.ofQuery(Query.texts(connection(), sql));
        } catch (SQLException e) {
            close();
            return Reading.none(String.valueOf(SqlFailures.explain(e).getMessage()));
        }
    }

    private Connection connection() throws SQLException {
        Connection known = session;
        if (known != null) {
            return known;
        }
        Connection opened = sessions.open(Sessions.Kind.SIGNAL);
        session = opened;
        opened.setNetworkTimeout(Runnable::run, ANSWER_MS);
        Query.execute(opened, "SET SESSION TRANSACTION READ ONLY");
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
