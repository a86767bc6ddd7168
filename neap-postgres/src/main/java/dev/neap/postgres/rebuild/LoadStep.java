package dev.neap.postgres.rebuild;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.PartitionRebuild.Drained;
import dev.neap.dialect.PartitionRebuild.Loaded;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Captures, loads and drains. */
class LoadStep {
    /** A scan of a whole partition for a few keys must not be chosen. */
    static final String BY_KEY =
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";

    private final UnitWork work;
    /** The next block to load, as committed. */
    private long nextBlock;

    private long endBlock;
    private boolean eager;
    /** Rows per block, as seen in the batches so far. */
    private double rowsPerBlock;

    LoadStep(UnitWork work) {
        this.work = work;
    }

    /** Goes on from a committed checkpoint. */
    void resumeAt(long next, long end) {
        nextBlock = next;
        endBlock = end;
    }

    /**
     * Installs the triggers under SHARE ROW EXCLUSIVE, which waits out every older writer: whatever commits from now on is
     * in the changes, and nothing was read before. What an earlier attempt left in them is forgotten, and counts no more.
     */
    Attempt startCapture() throws SQLException {
        try {
            endBlock = work.inTransaction(s -> {
                CaptureSql capture = work.capture();
                UnitWork.all(s, capture.createChanges());
                s.execute(capture.function(false));
                s.execute("SET LOCAL lock_timeout = " + work.tuning().courtesy().toMillis());
                s.execute(capture.courtesy());
                Locks.holdWritersOff(s, work);
                if (!captured(s)) {
                    UnitWork.all(
                            s,
                            CaptureSql.dropTriggers(work.names(), work.names().liveTable()));
                    UnitWork.all(s, capture.createTriggers(work.names().liveTable()));
                }
                UnitWork.all(s, capture.forget());
                long blocks = UnitWork.number(
                        s,
                        "SELECT pg_relation_size(" + work.requireLive()
                                + "::oid::regclass) / current_setting('block_size')::int");
                work.writes().captureStarted(blocks);
                return blocks;
            });
            nextBlock = 0;
            return Attempt.GOT;
        } catch (SQLException e) {
            return Locks.missed(work, e, Locks.Aim.WRITERS);
        }
    }

    /** Whether both triggers are in place and fire always. */
    boolean captured(Statement s) throws SQLException {
        return UnitWork.number(s, "SELECT count(*) FROM pg_trigger " + ours() + " AND tgenabled = 'A'") == 2;
    }

    private String ours() throws SQLException {
        return "WHERE tgrelid = " + work.requireLive() + " AND tgname IN ('"
                + work.names().rowTrigger() + "', '" + work.names().truncateTrigger() + "')";
    }

    Loaded load(int rows, Runnable beforeCommit) throws SQLException {
        if (nextBlock >= endBlock) {
            return new Loaded(0, true);
        }
        if (rowsPerBlock == 0) {
            rowsPerBlock = guessRowsPerBlock();
        }
        long from = nextBlock;
        long to = Math.min(endBlock, from + Math.max(1, Math.round(rows / rowsPerBlock)));
        long written = loaded(from, to, beforeCommit);
        nextBlock = to;
        if (written > 0) {
            rowsPerBlock = Math.max(0.01, (double) written / (to - from));
        }
        return new Loaded(written, to >= endBlock);
    }

    private long loaded(long from, long to, Runnable beforeCommit) throws SQLException {
        try {
            return work.inTransaction(beforeCommit, s -> batch(s, from, to));
        } catch (SQLException e) {
            NeapException why = UnitWork.explain(e);
            if (why.kind() != Kind.UNIT) {
                throw e;
            }
            throw new NeapException(
                    Kind.UNIT,
                    why.getMessage() + ", for a row among those of "
                            + work.names().liveTable() + " WHERE ctid >= '(" + from + ",0)' AND ctid < '(" + to
                            + ",0)'",
                    e);
        }
    }

    private long batch(Statement s, long from, long to) throws SQLException {
        // Rows and checkpoint are lost together or not at all, and no later commit survives a crash without them.
        // The commit that ends the load waits for the log, and so for all of them.
        s.execute("SET LOCAL synchronous_commit = off");
        long count = s.executeLargeUpdate(work.sql().load(from, to));
        work.writes().loaded(to, count);
        return count;
    }

    /** Of a table that was never analyzed rather too many: then the first batch is small, and the next ones know. */
    private double guessRowsPerBlock() throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT CASE WHEN reltuples < 0 OR relpages = 0 THEN 100 ELSE greatest(1, reltuples / relpages) END"
                                + " FROM pg_class WHERE oid = ?::oid",
                        work.requireLive())
                .list(r -> r.getDouble(1))
                .get(0);
    }

    /** From here on a change also leaves the shadow at once, so a drain must keep writers out of the shadow. */
    void captureIsEager() {
        eager = true;
    }

    /**
     * Replays, in one snapshot: all pending keys go out before any comes in. While changes are applied as they are made
     * there is nothing to replay; if too many could not be, they are recorded again.
     */
    Drained drain(int changes, boolean indexed, Runnable beforeCommit) throws SQLException {
        TurnOver turnOver = new TurnOver(work);
        if (turnOver.inPlace()) {
            Drained rest = work.reading(s -> {
                String voided = voided(s);
                return voided.isEmpty() ? turnOver.rest(s) : new Drained(0, false, voided);
            });
            if (!rest.more()) {
                return rest;
            }
            turnOver.back();
        }
        List<String> locks = eager ? shadowLock() : List.of();
        if (!locks.isEmpty()) {
            stepBackFromLongWriters();
        }
        return work.inSnapshot(locks, beforeCommit, s -> {
            if (indexed) {
                // The changes have no statistics.
                s.execute(BY_KEY);
            }
            String voided = voided(s);
            if (!voided.isEmpty()) {
                return new Drained(0, false, voided);
            }
            return replay(s, locks.isEmpty() ? changes : most(changes));
        });
    }

    /**
     * A row that a writer has taken out of the shadow, and not committed yet, must not be put back by a drain that cannot
     * see it: the shadow's foreign key would then refuse that writer's next statement. An autovacuum of the shadow gives
     * way to the first of the two locks, which stalls nobody.
     */
    private List<String> shadowLock() {
        return List.of(
                "SET LOCAL lock_timeout = " + work.tuning().courtesy().toMillis(),
                "LOCK TABLE ONLY " + work.names().shadow() + " IN SHARE UPDATE EXCLUSIVE MODE",
                "SET LOCAL lock_timeout = " + work.tuning().lockDeadline().toMillis(),
                "SET LOCAL idle_in_transaction_session_timeout = "
                        + work.tuning().lockDeadline().toMillis(),
                "LOCK TABLE ONLY " + work.names().shadow() + " IN EXCLUSIVE MODE");
    }

    /** Queueing behind a writer that stays would only hold up the others. */
    private void stepBackFromLongWriters() throws SQLException {
        List<String> who = new Bystanders(work.connection())
                .holders(
                        Locks.tables(work, Locks.Aim.SHADOW),
                        work.tuning().lockDeadline().toMillis(),
                        -1);
        if (!who.isEmpty()) {
            throw new NeapException(Kind.LOCK, String.join("; ", who));
        }
    }

    /** Writers wait while a drain has the shadow's lock: it takes fewer changes at a time, unless it must take all. */
    private static int most(int changes) {
        return changes == Integer.MAX_VALUE ? changes : 1_000;
    }

    private Drained replay(Statement s, int changes) throws SQLException {
        long upTo;
        long count;
        long behind;
        try (ResultSet rs = s.executeQuery(work.sql().upTo(changes))) {
            rs.next();
            upTo = rs.getLong(1);
            count = rs.getLong(2);
            behind = Math.min(Math.max(0, rs.getLong(4)), work.tuning().captureLimit());
            if (rs.getBoolean(3)) {
                return new Drained(0, false, "the application truncated the partition");
            }
        }
        if (count == 0) {
            return new Drained(0, false, "");
        }
        long removed = s.executeLargeUpdate(work.sql().deletePending(upTo));
        long added = s.executeLargeUpdate(work.sql().insertPending(upTo));
        s.executeLargeUpdate(work.sql().deleteReplayed(upTo));
        work.writes().drained(count, work.carriesOver() ? count : added - removed);
        return new Drained(count, count >= changes, "", behind);
    }

    /** Why nothing that was captured can be trusted; empty when it can. */
    String voided(Statement s) throws SQLException {
        try (ResultSet rs =
                s.executeQuery("SELECT (SELECT last_value > " + work.tuning().captureLimit() + " FROM "
                        + work.names().changesSequence()
                        + "), (SELECT last_value <= extract(epoch FROM clock_timestamp()) FROM "
                        + work.names().aliveUntil() + ")")) {
            rs.next();
            if (rs.getBoolean(1)) {
                return "more than " + work.tuning().captureLimit() + " changes were captured";
            }
            if (rs.getBoolean(2)) {
                // Of every unit of the run: it attaches anew, and marks them all.
                throw new NeapException(
                        Kind.LOST_LEASE,
                        "capture lapsed: no sign of life for " + work.tuning().captureLife());
            }
        }
        if (!captured(s)) {
            return "the capture triggers were dropped or disabled";
        }
        return changedWithoutReplay(s);
    }

    /** Without a key nothing can be replayed: whatever was captured makes the shadow void. */
    String changedWithoutReplay(Statement s) throws SQLException {
        boolean changed = !work.sql().hasKey()
                && UnitWork.number(s, "SELECT count(*) FROM " + work.names().changes()) > 0;
        return changed
                ? "the application wrote to it, though the file says `writes: none`, and without a key that cannot be"
                        + " replayed"
                : "";
    }

    /** A key that is in the shadow twice for a moment: only a drain of everything, in one snapshot, is free of that. */
    static boolean spuriousDuplicate(SQLException e) {
        return "23505".equals(SqlFailures.state(e)) || "23503".equals(SqlFailures.state(e));
    }
}
