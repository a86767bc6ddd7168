package dev.neap.postgres.rebuild;

import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.PartitionRebuild.SwapMoments;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * One attempt at the swap: the turn-over, unless nothing was recorded since the last one; the wait for older snapshots,
 * under no lock; the swap itself, in one message.
 */
final class SwapStep {
    /** A transaction this old will not end by itself within the deadline; queueing behind it would only stall readers. */
    private static final long LONG_MS = 1_000;

    /** How often it is turned over again at once, when a change was recorded meanwhile that could not be applied. */
    private static final int ROUNDS = 5;

    private final UnitWork work;
    private final OldSnapshots oldSnapshots;
    private final Standbys standbys;
    private final Lull lull;
    private final Connection swapper;
    private final long swapperPid;

    SwapStep(UnitWork work, OldSnapshots oldSnapshots, Standbys standbys, Lull lull, Connection swapper)
            throws SQLException {
        this.work = work;
        this.oldSnapshots = oldSnapshots;
        this.standbys = standbys;
        this.lull = lull;
        this.swapper = swapper;
        this.swapperPid = Query.of(swapper, "SELECT pg_backend_pid()").number();
    }

    /** Who would make an attempt vain. Nothing is locked for this look. */
    String inTheWay() throws SQLException {
        Bystanders bystanders = new Bystanders(work.connection());
        List<Long> tables = Locks.tables(work, Locks.Aim.EVERYBODY);
        String lastWrite = oldSnapshots.lastWrite();
        List<String> who = new ArrayList<>(bystanders.holders(tables, LONG_MS, swapperPid));
        bystanders
                .olderThan(
                        lastWrite,
                        LONG_MS,
                        swapperPid,
                        UnitNames.sessions(work.unit().runId()))
                .forEach(old -> who.add(old.words()));
        standbys.inTheWay(tables, lastWrite, LONG_MS).forEach(seen -> who.add(seen.words()));
        return String.join("; ", who);
    }

    Attempt attempt(SwapMoments moments) throws SQLException {
        TurnOver turnOver = new TurnOver(work);
        for (int round = 1; true; round++) {
            Attempt drained = turnOver.attempt(swapper, moments);
            if (!drained.got()) {
                return drained;
            }
            moments.lastDrainCommitted();
            Attempt clear = oldSnapshots.outwait(swapperPid);
            if (!clear.got()) {
                return clear;
            }
            try {
                swap(moments);
                return Attempt.GOT;
            } catch (SQLException e) {
                String state = SqlFailures.state(e);
                if (SqlFailures.CHANGED.equals(state)) {
                    work.refresh();
                }
                if (!SqlFailures.PENDING.equals(state) || round == ROUNDS || !turnOver.wanted()) {
                    return Locks.missed(work, e, Locks.Aim.EVERYBODY);
                }
            }
        }
    }

    private void swap(SwapMoments moments) throws SQLException {
        long live = work.requireLive();
        long parent = work.parentOid();
        swapper.setAutoCommit(false);
        try (Statement s = swapper.createStatement()) {
            warmUp(s, live, parent);
            Locks.courtesyForSwap(s, work);
            lull.await(work.connection(), Locks.tables(work, Locks.Aim.EVERYBODY), swapperPid);
            moments.oldSnapshotsGone();
            boolean polls = lull.everyOther();
            s.execute(new SwapScript(work).text(lull.nextRequest(), polls, live, parent));
        } catch (SQLException | RuntimeException e) {
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
}
