package dev.neap.postgres.rebuild;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.PartitionRebuild.SwapMoments;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.postgres.rebuild.Bystanders.Old;
import dev.neap.postgres.rebuild.Standbys.Seen;
import dev.neap.postgres.shadow.LockNeed;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.random.RandomGenerator;

/**
 * One attempt at the swap. One session holds writers of the live partition off (readers go on) while the unit's session
 * drains the last changes and commits them; when no older snapshot is left, the first session swaps.
 */
final class SwapStep {
    /** A transaction this old will not end by itself within the deadline; queueing behind it would only stall readers. */
    private static final long LONG_MS = 1_000;

    private static final long POLL_MS = 5;

    /** How often an attempt that lost the race against a writer is made again at once. */
    private static final int RACES = 30;

    private static final int RACE_PAUSE_MS = 30;

    private final UnitWork work;
    private final Standbys standbys;
    private final Lull lull;
    private final Connection swapper;
    private final long swapperPid;
    private boolean lostRace;
    private boolean warm;

    SwapStep(UnitWork work, Standbys standbys, Lull lull, Connection swapper) throws SQLException {
        this.work = work;
        this.standbys = standbys;
        this.lull = lull;
        this.swapper = swapper;
        this.swapperPid = Query.of(swapper, "SELECT pg_backend_pid()").number();
    }

    /** Who would make an attempt vain. Nothing is locked for this look. */
    String inTheWay() throws SQLException {
        Bystanders bystanders = new Bystanders(work.connection());
        List<Long> tables = Locks.tables(work, Locks.Aim.EVERYBODY);
        List<String> who = new ArrayList<>(bystanders.holders(tables, LONG_MS, swapperPid));
        bystanders.olderThan(lastWrite(), LONG_MS, swapperPid, own()).forEach(old -> who.add(old.words()));
        standbys.inTheWay(tables, lastWrite(), LONG_MS).forEach(seen -> who.add(seen.words()));
        return String.join("; ", who);
    }

    private String own() {
        return UnitNames.sessions(work.unit().runId());
    }

    private String lastWrite() throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT coalesce(last_write::text, '') FROM neap.unit WHERE id = ?",
                        work.unit().id())
                .text();
    }

    /**
     * A writer that takes its snapshot and then queues behind the held locks, all before the last drain has committed,
     * would be waited for in vain: the locks are let go at once, so that it goes on, and the race is run again. It is won
     * as soon as no writer comes within those few milliseconds.
     */
    Attempt attempt(SwapMoments moments) throws SQLException {
        Attempt outcome = once(moments);
        for (int race = 1; race < RACES && lostRace; race++) {
            pause(1 + RandomGenerator.getDefault().nextInt(RACE_PAUSE_MS));
            outcome = once(moments);
        }
        return outcome;
    }

    private Attempt once(SwapMoments moments) throws SQLException {
        lostRace = false;
        long live = work.requireLive();
        long parent = work.parentOid();
        swapper.setAutoCommit(false);
        try (Statement s = swapper.createStatement()) {
            if (!warm) {
                warmUp(s, live, parent);
                warm = true;
            }
            Locks.courtesyForSwap(s, work);
            String hold = holdWriters(holdingLocks(parent));
            List<Long> tables = Locks.tables(work, Locks.Aim.EVERYBODY);
            s.execute(LastDrain.closeGate(work.unit()));
            lull.await(work.connection(), tables, swapperPid);
            FutureTask<LastDrain.Committed> drain = startDrain();
            LastDrain.Committed committed;
            try {
                s.execute(hold);
                moments.writersHeld();
                committed = result(drain);
            } catch (SQLException | RuntimeException e) {
                giveUp(drain, e);
                throw e;
            }
            moments.lastDrainCommitted();
            Attempt clear = outwaitOldSnapshots(committed);
            if (!clear.got()) {
                swapper.rollback();
                return clear;
            }
            moments.oldSnapshotsGone();
            s.execute(new SwapScript(work).text(lull.nextRequest(), live, parent));
            return Attempt.GOT;
        } catch (SQLException e) {
            swapper.rollback();
            if (SqlFailures.CHANGED.equals(SqlFailures.state(e))) {
                work.refresh();
            }
            return Locks.missed(work, e, Locks.Aim.EVERYBODY);
        } catch (RuntimeException e) {
            swapper.rollback();
            throw e;
        } finally {
            if (!swapper.isClosed()) {
                swapper.setAutoCommit(true);
            }
        }
    }

    /** What a new session reads of the catalog for the first time takes longer than the swap itself: not under its locks. */
    private static void warmUp(Statement s, long live, long parent) throws SQLException {
        String oids = live + ", " + parent;
        s.execute("SELECT neap.fingerprint(" + oids + "), pg_get_partition_constraintdef(" + live
                + "); SELECT count(*) FROM pg_partition_tree(" + parent
                + "), pg_get_triggerdef(0), pg_get_constraintdef(0)");
    }

    /**
     * One message, and nothing comes between it and the lull. The deadline begins here: a writer may wait from now on. A
     * client that freezes loses the lock by it, too.
     */
    private String holdWriters(List<String> locks) {
        long limit = work.tuning().lockDeadline().toMillis();
        return "SET LOCAL idle_in_transaction_session_timeout = " + limit + "; SET LOCAL statement_timeout = "
                + 2 * limit + "; " + Locks.within(limit, locks) + "; " + LastDrain.openGate(work.unit());
    }

    /** It waits at the gate. The unit's session is its own until its result is there. */
    private FutureTask<LastDrain.Committed> startDrain() {
        FutureTask<LastDrain.Committed> drain = new FutureTask<>(() -> new LastDrain(work).run(swapperPid));
        Thread thread = new Thread(drain, "neap last drain");
        thread.setDaemon(true);
        thread.start();
        return drain;
    }

    /** Lets go of what is locked, and opens the gate, so that the drain comes to its end. */
    private void giveUp(FutureTask<LastDrain.Committed> drain, Exception why) {
        try (Statement s = swapper.createStatement()) {
            swapper.rollback();
            s.execute(LastDrain.openGate(work.unit()));
        } catch (SQLException lost) {
            // Then the server opens it, since the session has ended.
            why.addSuppressed(lost);
        }
        try {
            result(drain);
        } catch (SQLException | RuntimeException e) {
            if (e != why) {
                why.addSuppressed(e);
            }
        }
    }

    /** Its end is waited for in any case: nobody else may use the unit's session before. */
    private static LastDrain.Committed result(FutureTask<LastDrain.Committed> drain) throws SQLException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return drain.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException sql) {
                throw sql;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Every table of the swap in its order, not the partition alone: a writer that came through the parent, or wrote a
     * referenced table, and then queued at the partition would hold what the swap needs next. EXCLUSIVE, so that one who
     * has locked rows and then changes them does not get in between; on referenced tables the checks of foreign keys must
     * still get through, or writers could not end.
     */
    private List<String> holdingLocks(long parent) throws SQLException {
        List<String> locks =
                new ArrayList<>(work.sources().map(SourceCapture::hold).orElse(List.of()));
        String mode = "SHARE ROW EXCLUSIVE";
        for (LockNeed need : work.definition().locks()) {
            if (need.oid() == parent) {
                mode = "EXCLUSIVE";
            }
            if (!need.sequence() && need.oid() != 0) {
                locks.add("LOCK TABLE " + (need.only() ? "ONLY " : "") + need.relation() + " IN " + mode + " MODE");
            }
        }
        return locks;
    }

    /** Snapshots taken from now on see the shadow whole; those that are listed once are waited for, until the deadline. */
    private Attempt outwaitOldSnapshots(LastDrain.Committed committed) throws SQLException {
        Bystanders bystanders = new Bystanders(work.connection());
        String lastWrite = committed.lastWrite();
        List<Old> here = committed.old();
        List<Seen> there = standbys.behind(lastWrite, committed.log());
        long until = System.nanoTime() + work.tuning().lockDeadline().toNanos() / 2;
        while (!here.isEmpty() || !there.isEmpty()) {
            lostRace = here.stream().anyMatch(Old::waitsForSwap);
            if (lostRace || System.nanoTime() > until) {
                return Attempt.missed(
                        here.isEmpty() ? there.get(0).words() : here.get(0).words());
            }
            pause(POLL_MS);
            List<Old> before = here;
            List<Old> hereNow = here.isEmpty() ? List.of() : bystanders.olderThan(lastWrite, 0, swapperPid, own());
            here = hereNow.stream()
                    .filter(now -> before.stream().anyMatch(now::same))
                    .toList();
            List<Seen> thereNow = there.isEmpty() ? List.of() : standbys.behind(lastWrite, committed.log());
            there = stillThere(there, thereNow);
        }
        return Attempt.GOT;
    }

    /** A standby that was behind may show new readers, as old as it was, when it has caught up: all of them count. */
    private static List<Seen> stillThere(List<Seen> before, List<Seen> now) {
        boolean caughtUpLate = before.stream().anyMatch(seen -> seen.reader().isEmpty());
        return caughtUpLate
                ? now
                : now.stream()
                        .filter(seen -> before.stream().anyMatch(seen::same))
                        .toList();
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(Kind.RETRY, "interrupted", e);
        }
    }
}
