package dev.neap.postgres.rebuild;

import dev.neap.dialect.PartitionRebuild.Settled;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/**
 * After the swap: rows that came into a done partition in the old form (moved there from one that was still pending, or
 * written by an application that was not fixed yet) are recomputed where they are. It is safe because the recompute
 * knows what is already right; capture says which rows to look at.
 */
final class SettleStep {
    /** Changed rows that are mended under the lock that ends capture: some milliseconds, since they were just written. */
    private static final int MOST_AT_THE_END = 200;
    /** Changes of these rows: some milliseconds too. */
    private static final int CHANGES_AT_THE_END = 4_000;
    /** Rounds, and changed rows in each, just before that lock. What comes in faster is tried again later. */
    private static final int MOST_ROUNDS = 10;

    private static final int AT_ONCE = 1_000;
    /** One row may be written again and again: a round takes up to so many changes for each row that it looks at. */
    private static final int CHANGES_OF_A_ROW = 20;

    private static final Duration LONGEST_CATCH_UP = Duration.ofSeconds(10);
    private static final String TOO_FAST = "its rows change faster than they are looked at";
    private static final String TOO_SLOW = "its last rows take longer to mend than a lock may be held";

    private final UnitWork work;
    private final Lull lull;
    private long nextBlock;
    private boolean sweepAll;
    private long limit;
    /** Fewer, once they took longer than the lock's deadline. */
    private int atTheEnd = MOST_AT_THE_END;
    /** Changes that the last round took. */
    private long taken;
    /** The last change that was there when mending began; 0 before. */
    private long lastThen;

    SettleStep(UnitWork work, Lull lull) {
        this.work = work;
        this.lull = lull;
        this.nextBlock = work.unit().sweepAll() ? work.unit().nextBlock() : 0;
        this.sweepAll = work.unit().sweepAll();
        this.limit = work.tuning().captureLimit();
    }

    Settled settle(int rows, PostgresRebuild.Opener swapper) throws SQLException {
        // Capture of a recompute from other tables ended with the swap.
        if (work.liveOid().isEmpty() || work.backfill().rebuild().source() != null) {
            return forgotten();
        }
        Settled mended = mendRound(rows);
        if (!mended.last() && (sweepAll || many())) {
            return mended;
        }
        Settled stopped = stopCapture(swapper);
        return new Settled(mended.rows() + stopped.rows(), stopped.last(), stopped.inTheWay());
    }

    /** More than are mended under the lock that ends capture. */
    private boolean many() throws SQLException {
        return Query.of(work.connection(), "SELECT " + work.sql().morePending(CHANGES_AT_THE_END, atTheEnd))
                .truth();
    }

    /**
     * Recomputes some rows; the last round came to what was captured when the first began. Into a partition in use more comes
     * all the time, and it may come faster than it is looked at.
     */
    Settled mendRound(int rows) throws SQLException {
        if (work.liveOid().isEmpty() || !work.backfill().rebuild().mends()) {
            return new Settled(0, true, "");
        }
        if (!sweepAll) {
            long captured = captured();
            lastThen = lastThen == 0 ? captured : lastThen;
            if (captured > limit) {
                captureMore();
            }
        }
        if (sweepAll) {
            return sweep(rows);
        }
        if (!pending(work)) {
            return new Settled(0, true, "");
        }
        Mended mended = mend(rows);
        return new Settled(mended.rows(), mended.last() >= lastThen, "");
    }

    /**
     * A round.
     *
     * @param taken changes that it looked at
     * @param rows rows that it recomputed
     * @param last the number of its last change
     */
    private record Mended(long taken, long rows, long last) {}

    /** Whether anything is captured. Asked first: to read what the table is like takes far longer. */
    static boolean pending(UnitWork work) throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT EXISTS (SELECT FROM " + work.names().changes() + ")")
                .truth();
    }

    private long captured() throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT last_value FROM " + work.names().changesSequence())
                .number();
    }

    /** Past its limit capture did nothing: it gets a new one, with writers held off, and every row is looked at. */
    private void captureMore() throws SQLException {
        limit = captured() + work.tuning().captureLimit();
        work.inTransaction(s -> {
            Locks.holdWritersOff(s, work);
            s.execute(work.capture(limit).function(false));
            work.writes().sweep();
            return limit;
        });
        nextBlock = 0;
        sweepAll = true;
    }

    /** @param rows the most that it looks at */
    private Mended mend(int rows) throws SQLException {
        // Those that it reads and leaves to the next round it reads in vain: no more than twice as many as it took
        // before.
        int changes = (int) Math.min(Math.max(rows, 2 * taken), (long) rows * CHANGES_OF_A_ROW);
        Mended round = work.writingLive(() -> {}, s -> {
            Locks.deadline(s, work);
            try (ResultSet rs = s.executeQuery(work.sql().mendPending(changes, rows))) {
                rs.next();
                Mended mended = new Mended(rs.getLong(1), rs.getLong(2), rs.getLong(3));
                work.writes().mended(mended.rows());
                return mended;
            }
        });
        taken = round.taken();
        return round;
    }

    /** Capture lapsed, so every row is looked at. What changes behind the sweep is captured again. */
    private Settled sweep(int rows) throws SQLException {
        long end = Query.of(
                        work.connection(),
                        "SELECT pg_relation_size(?::oid::regclass) / current_setting('block_size')::int",
                        work.requireLive())
                .number();
        long from = nextBlock;
        long to = Math.min(end, from + Math.max(1, rows / 50));
        long mended = work.writingLive(() -> {}, s -> {
            Locks.deadline(s, work);
            long count = s.executeLargeUpdate(work.sql().mendBlocks(from, to));
            work.writes().swept(to, count);
            if (to >= end) {
                work.writes().sweptAll();
            }
            return count;
        });
        nextBlock = to;
        sweepAll = to < end;
        return new Settled(mended, false, "");
    }

    private Settled stopCapture(PostgresRebuild.Opener swapper) throws SQLException {
        List<String> who = new Bystanders(work.connection())
                .holders(
                        List.of(work.requireLive()),
                        work.tuning().lockDeadline().toMillis(),
                        -1);
        if (!who.isEmpty()) {
            return new Settled(0, false, String.join("; ", who));
        }
        try (java.sql.Connection session = swapper.open();
                Statement s = session.createStatement()) {
            session.setAutoCommit(false);
            Locks.courtesy(s, work);
            lull.await(
                    work.connection(),
                    List.of(work.requireLive()),
                    Query.of(session, "SELECT pg_backend_pid()").number());
            long before = mendedSoFar();
            if (!caughtUp()) {
                return new Settled(mendedSoFar() - before, false, TOO_FAST);
            }
            // From here on this session may not be idle for long, so not before what the other one had to do.
            Locks.deadline(s, work);
            s.execute("SET LOCAL lock_timeout = " + lull.nextRequest().toMillis());
            boolean stopped = inTime(s, stopScript());
            return new Settled(mendedSoFar() - before, stopped, stopped ? "" : TOO_SLOW);
        } catch (SQLException e) {
            if ("NP003".equals(e.getSQLState())) {
                return new Settled(0, false, TOO_FAST);
            }
            return new Settled(
                    0, false, Locks.missed(work, e, Locks.Aim.EVERYBODY).inTheWay());
        }
    }

    /** Whether it came to its end before its own statement_timeout; where not, more is mended before the next lock. */
    private boolean inTime(Statement s, String script) throws SQLException {
        try {
            s.execute(script);
            return true;
        } catch (SQLException e) {
            if (!"57014".equals(SqlFailures.state(e))) {
                throw e;
            }
            atTheEnd = Math.max(1, atTheEnd / 4);
            return false;
        }
    }

    /**
     * The last thing before the lock: over a slow network much would have come in since the round before.
     *
     * @return false when too much is left after some rounds, or after some seconds, in which the lock's session is idle
     */
    private boolean caughtUp() throws SQLException {
        if (!work.backfill().rebuild().mends()) {
            return true;
        }
        long until = System.nanoTime() + LONGEST_CATCH_UP.toNanos();
        boolean many = many();
        for (int round = 0; many && round < MOST_ROUNDS && System.nanoTime() < until; round++) {
            mend(AT_ONCE);
            many = many();
        }
        return !many;
    }

    private long mendedSoFar() throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT rows_mended FROM neap.unit WHERE id = ?",
                        work.unit().id())
                .number();
    }

    /**
     * One message: under the lock the last changes are mended, so nothing escapes when the triggers go. The deadline is that
     * of the one statement which waits for the lock and then mends.
     */
    private String stopScript() throws SQLException {
        String table = work.names().liveTable();
        String body = """
                DECLARE
                    taken bigint;
                    mended bigint;
                    last bigint;
                BEGIN
                    PERFORM neap.hold(%1$d, %2$d);
                    LOCK TABLE ONLY %3$s IN ACCESS EXCLUSIVE MODE;
                %4$s
                    %5$s;
                    %6$s;
                    UPDATE neap.unit SET settled = true WHERE id = %1$d AND token = %2$d;
                END
                """.formatted(
                        work.unit().id(),
                        work.unit().token(),
                        table,
                        work.backfill().rebuild().mends() ? mendLast() : "",
                        String.join(";\n    ", CaptureSql.dropTriggers(work.names(), table)),
                        String.join(";\n    ", CaptureSql.dropRest(work.names())));
        return "SET LOCAL statement_timeout = " + work.tuning().lockDeadline().toMillis() + "; "
                + SwapScript.block(body) + "; COMMIT";
    }

    /** Unless too many came in, or capture lost some: past its limit, or since nobody renewed it. */
    private String mendLast() throws SQLException {
        return """
                    IF %s OR (SELECT last_value FROM %s) > %d
                       OR (SELECT last_value FROM %s) <= extract(epoch FROM clock_timestamp()) THEN
                        RAISE EXCEPTION 'changes came in' USING ERRCODE = 'NP003';
                    END IF;
                    IF EXISTS (SELECT FROM %s) THEN
                        EXECUTE %s INTO taken, mended, last;
                        SET CONSTRAINTS ALL IMMEDIATE;
                        UPDATE neap.unit SET rows_mended = rows_mended + mended WHERE id = %d;
                    END IF;
                """.formatted(
                        work.sql().morePending(CHANGES_AT_THE_END, atTheEnd),
                        work.names().changesSequence(),
                        limit,
                        UnitNames.aliveUntil(work.unit().runId()),
                        work.names().changes(),
                        Names.literal(work.sql().mendPending(CHANGES_AT_THE_END, atTheEnd)),
                        work.unit().id());
    }

    /** Nothing is left to mend, and no trigger is left: the partition was dropped by its owner since, for example. */
    private Settled forgotten() throws SQLException {
        work.inTransaction(s -> {
            UnitWork.all(s, CaptureSql.dropRest(work.names()));
            work.writes().settled();
            return 0;
        });
        return new Settled(0, true, "");
    }
}
