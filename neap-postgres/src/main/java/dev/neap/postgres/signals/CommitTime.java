package dev.neap.postgres.signals;

import dev.neap.backfill.ServerSignal;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.throttle.Batches;
import dev.neap.throttle.CommitTimes;
import dev.neap.throttle.Disturbance;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * How many times as long a commit takes as before the run. It commits itself, and is timed by the server, so that neither
 * the way there nor what else the statement does counts. It waits for no lock, and nobody waits for one of its. Not for use by
 * several threads.
 */
final class CommitTime implements Signal {
    static final String NAME = ServerSignal.COMMITS.label();

    /** Between the beginnings of two commits. */
    private static final Duration APART = Duration.ofMillis(50);

    /** So many for a value; the next reading begins when the next commit is due. */
    private static final int COMMITS = 10;

    /**
     * Less log than this between two readings, and neither Neap nor anybody else writes so much that commits could wait for
     * it: one of {@link #COMMITS} will do. In bytes.
     */
    private static final long QUIET = 64 * 1024;

    /** Beside a batch that takes longer, as a whole partition's may, a moment of its beginning is chosen: a reading is not to be late. */
    private static final Duration LONGEST_BESIDE = Duration.ofMillis(500);

    private static final String WHY_NOT = """
            SELECT CASE
              WHEN (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit') = 'off'
                THEN 'commits do not wait for the log here (synchronous_commit is off); where those of the application do,'
                     || ' ALTER ROLE ' || quote_ident(current_user) || ' SET synchronous_commit = on'
              WHEN ? AND NOT EXISTS (
                SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'neap' AND c.relname = 'timed_commit' AND has_schema_privilege(n.oid, 'USAGE')
                  AND has_sequence_privilege(c.oid, 'UPDATE'))
                THEN 'Neap''s own schema is not there, or ' || quote_ident(current_user) || ' may not write it'
              ELSE '' END
            """;

    /** As the application commits, and not as Neap does: with all that this server's commits wait for. */
    private static final String AS_APPLICATIONS = "RESET synchronous_commit";

    /**
     * A commit within a statement has the statement's time limit, that of the statement itself has none: one that waits for a
     * standby in vain is given up here.
     */
    private static final String COMMIT = """
            DO $$
            DECLARE began timestamptz;
            BEGIN
              PERFORM setval('neap.timed_commit', 1);
              began := clock_timestamp();
              COMMIT;
              PERFORM set_config('neap.commit_ms', (1000 * extract(epoch FROM clock_timestamp() - began))::text, false);
            END $$
            """;

    private static final String TOOK =
            "SELECT current_setting('neap.commit_ms')::float8, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint";

    private static final String CUT_OFF = "57014";

    private static final String PID = "SELECT pg_backend_pid()";

    private static final String STILL_THERE = """
            SELECT EXISTS (SELECT FROM pg_stat_activity
                           WHERE pid = ? AND application_name = current_setting('application_name'))
            """;

    private final SignalSession session;
    private final Limits limits;
    private final CommitTimes times;
    private final Batches batches;
    private @Nullable Connection known;
    private long pid;
    private long log;
    private boolean quiet;

    /**
     * @param times from so many times as long on nothing is written, and from half of the way to it on the run goes slower
     * @param batches those of this process
     */
    CommitTime(PostgresSignals.Opener opener, double times, BeforeRun before, Batches batches) {
        this.session = new SignalSession(opener, AS_APPLICATIONS);
        this.limits = new Limits(NAME, Limits.Unit.TIMES, (1 + times) / 2, times, APART, CommitTimes.memory(APART));
        this.times = before.commits(limits, SignalSession.STATEMENT);
        this.batches = batches;
    }

    /** The same commits, those beside batches against those between. */
    Disturbance disturbance() {
        return times.disturbance();
    }

    /**
     * Why it cannot be told; empty where it can.
     *
     * @param writes whether it is to be told now, for which Neap's own schema must be there
     */
    static String missing(Connection connection, boolean writes) throws SQLException {
        return Query.of(connection, WHY_NOT, writes).text();
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public Reading read() {
        Timetable due = new Timetable();
        Reading reading = session.read(connection -> look(connection, due));
        due.awaitLast();
        return reading;
    }

    private Reading look(Connection connection, Timetable due) throws SQLException {
        if (!isOurs(connection)) {
            return Reading.none("a commit of a session before this one has not ended");
        }
        boolean one = quiet && times.calm();
        long before = log;
        boolean more = true;
        while (more && due.next()) {
            if (!one && times.disturbance().wantsBeside()) {
                besideBatch(connection, due.left());
            }
            due.await();
            commit(connection, times::took);
            more = !one;
        }
        quiet = log - before < QUIET;
        return times.reading();
    }

    /** Whether no session but this one still commits: one whose answer did not come may, and is not to be one of many. */
    private boolean isOurs(Connection connection) throws SQLException {
        if (!connection.equals(known)) {
            if (pid != 0 && Query.of(connection, STILL_THERE, pid).truth()) {
                return false;
            }
            pid = Query.of(connection, PID).number();
            known = connection;
        }
        return true;
    }

    /**
     * Few of the others meet a batch, as long as batches are a small part of the time: so one more begins at any moment of
     * the next batch. It is no sample of all, only of these.
     */
    private void besideBatch(Connection connection, Duration most) throws SQLException {
        Optional<Duration> window = batches.awaitNext(most);
        if (window.isPresent()) {
            long within = Math.min(window.get().toNanos(), LONGEST_BESIDE.toNanos());
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(within));
            commit(connection, (ms, met) -> {
                if (met) {
                    times.disturbance().took(ms, true);
                }
            });
        }
    }

    /** What is made of a commit: how many milliseconds it took, and whether it met a batch. */
    private interface Took {
        void took(double ms, boolean met);
    }

    private void commit(Connection connection, Took took) throws SQLException {
        Batches.Moment beginning = batches.moment(System.nanoTime());
        try (Statement statement = connection.createStatement()) {
            statement.execute(COMMIT);
        } catch (SQLException e) {
            // What the server cuts off is as slow as can be, and no silence.
            if (!CUT_OFF.equals(SqlFailures.state(e))) {
                throw e;
            }
            took.took((double) SignalSession.STATEMENT.toMillis(), batches.met(beginning));
            return;
        }
        boolean met = batches.met(beginning);
        took.took(Query.of(connection, TOOK).list(this::took).get(0), met);
    }

    private double took(ResultSet row) throws SQLException {
        log = row.getLong(2);
        return row.getDouble(1);
    }

    @Override
    public void close() {
        session.close();
    }

    /**
     * When the commits of a reading are due: each at any moment of its own time, since batches come as regularly as these
     * would, and either every one or none would meet one. One that takes longer leaves out those that were due meanwhile.
     */
    private static final class Timetable {
        private final long last =
                System.nanoTime() + APART.multipliedBy(COMMITS - 1).toNanos();
        private long next = System.nanoTime() - APART.toNanos();
        private long moment = next;

        /** Chooses the next one's; false where there is none in this reading. */
        boolean next() {
            long now = System.nanoTime();
            do {
                next += APART.toNanos();
            } while (next + APART.toNanos() - now <= 0);
            if (next - last > 0) {
                return false;
            }
            moment = next + ThreadLocalRandom.current().nextLong(APART.toNanos());
            return true;
        }

        /** How long it is until then; zero or less where it has passed. */
        Duration left() {
            return Duration.ofNanos(moment - System.nanoTime());
        }

        void await() {
            LockSupport.parkNanos(moment - System.nanoTime());
        }

        void awaitLast() {
            LockSupport.parkNanos(last - System.nanoTime());
        }
    }
}
