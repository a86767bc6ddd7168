package dev.neap.postgres.signals;

import dev.neap.backfill.Canary;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import dev.neap.throttle.Slowdown;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * How many times as long the user's canary takes as before the run, from here to the server and back. Not for use by
 * several threads.
 */
final class Latency implements Signal {
    static final String NAME = "latency";

    private static final Duration EVERY = Duration.ofMillis(500);

    /** Of a canary's rows. */
    private static final int MOST_ROWS = 1_000;

    /** By the statement's own time, or by that of a lock that somebody holds. */
    private static final Set<String> CUT_OFF = Set.of("57014", "55P03");

    private final SignalSession session;
    private final String sql;
    private final Limits limits;
    private final Slowdown slowdown;

    Latency(SignalSession session, Canary canary, BeforeRun before) {
        this.session = session;
        this.sql = canary.sql();
        double limit = canary.limit().times();
        this.limits =
                new Limits(NAME, Limits.Unit.TIMES, canary.warning().times(), limit, EVERY, Slowdown.memory(EVERY));
        this.slowdown = before.canary(limit, SignalSession.STATEMENT);
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public Reading read() {
        return session.read(this::look);
    }

    private Reading look(Connection connection) throws SQLException {
        long began;
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.setMaxRows(MOST_ROWS);
            began = System.nanoTime();
            statement.execute(sql);
        } catch (SQLException e) {
            // What the server cuts off is as slow as can be, and no silence.
            if (!CUT_OFF.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
            return slowdown.took((double) SignalSession.STATEMENT.toMillis());
        }
        return slowdown.took(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - began) / 1e3);
    }

    @Override
    public void close() {
        session.close();
    }
}
