package dev.neap.postgres.signals;

import dev.neap.postgres.query.Query;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * How long somebody has waited for a lock that the run holds while it writes rows of the application's: with a batch, a
 * reconciliation or a look of a fill; with a batch of a merge, or a round of settling, of a rebuild. Such a transaction is
 * given up at once: it is rolled back, and tried again with half of its rows. Other sessions of Neap's, which wait for each
 * other now and then, do not count.
 */
final class LockWaits implements Signal {
    static final String NAME = "wait for a lock of Neap's";

    /** What waits shorter than this is likely to get its lock by itself: a batch is about to commit. */
    private static final Duration PATIENCE = Duration.ofMillis(50);

    private static final Limits LIMITS =
            new Limits(NAME, Limits.Unit.SECONDS, 1, 5, Duration.ofMillis(200), Duration.ZERO);

    /** To ask who is in the way of one takes the server's lock table for a moment, so of the oldest alone it is asked. */
    private static final String SQL = """
            WITH waits AS MATERIALIZED (
                SELECT holder.pid, extract(epoch FROM clock_timestamp() - l.waitstart) AS seconds
                FROM (SELECT w.pid, w.waitstart FROM pg_locks w
                      WHERE NOT w.granted AND w.waitstart < clock_timestamp() - ? * interval '1 second'
                        AND NOT EXISTS (SELECT 1 FROM pg_stat_activity ours
                                        WHERE ours.pid = w.pid AND ours.application_name LIKE ? || ' %')
                      ORDER BY w.waitstart LIMIT 20) AS l
                CROSS JOIN LATERAL unnest(pg_blocking_pids(l.pid)) AS b (pid)
                JOIN pg_stat_activity holder ON holder.pid = b.pid AND holder.application_name LIKE ANY (?::text[])),
            given_up AS MATERIALIZED (
                SELECT pg_cancel_backend(pid) FROM (SELECT DISTINCT pid FROM waits) AS in_the_way)
            SELECT (SELECT coalesce(max(seconds), 0) FROM waits), (SELECT count(*) FROM given_up)
            """;

    private final SignalSession session;
    private final String run;
    private final List<String> writers;

    /**
     * @param run how the names of the run's sessions begin
     * @param fills whether it is a fill; a rebuild writes rows of the application's in few of its transactions, and those
     *     say so
     */
    LockWaits(SignalSession session, String run, boolean fills) {
        this.session = session;
        this.run = run;
        this.writers = fills ? List.of(run + " unit %", run + " catches up") : List.of(run + " unit % writes");
    }

    @Override
    public Limits limits() {
        return LIMITS;
    }

    @Override
    public Reading read() {
        return session.read(this::look);
    }

    private Reading look(Connection connection) throws SQLException {
        double seconds = Query.of(connection, SQL, PATIENCE.toMillis() / 1e3, run, writers)
                .list(row -> row.getDouble(1))
                .get(0);
        return Reading.of(Math.max(0, seconds), "");
    }

    @Override
    public void close() {
        session.close();
    }
}
