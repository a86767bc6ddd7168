package dev.neap.postgres.signals;

import dev.neap.backfill.ServerSignal;
import dev.neap.postgres.query.Query;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** How many deadlocks there were in the database since the last look, whoever was in them. Not for use by several threads. */
final class Deadlocks implements SignalSession.Look {
    private static final Duration EVERY = Duration.ofSeconds(2);

    static final String NAME = ServerSignal.DEADLOCKS.label();

    private static final String SQL = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";

    private long before = -1;

    /** @param count from here on nothing is written, and from half of it on the run goes slower */
    static Limits limits(double count) {
        return new Limits(NAME, Limits.Unit.COUNT, count / 2, count, EVERY, Duration.ZERO);
    }

    @Override
    public Reading at(Connection connection) throws SQLException {
        long now = Query.of(connection, SQL).number();
        // Somebody may set the counter back.
        long more = before < 0 ? 0 : Math.max(0, now - before);
        before = now;
        return Reading.of((double) more, "");
    }
}
