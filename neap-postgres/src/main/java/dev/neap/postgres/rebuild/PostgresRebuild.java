package dev.neap.postgres.rebuild;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.SourceRecompute;
import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Step;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.postgres.shadow.ShadowDefinition;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One partition rebuilt on PostgreSQL. It opens the swap's session when it is first needed. */
public class PostgresRebuild implements PartitionRebuild {
    /** Opens a session. */
    @FunctionalInterface
    public interface Opener {
        Connection open() throws SQLException;
    }

    private final UnitWork work;
    private final LoadStep load;
    private final SettleStep settle;
    private final MergeStep merge;
    private final Opener swapOpener;
    private final Standbys standbys;
    private final OldSnapshots oldSnapshots;
    private final Lull lull;
    private final int pid;
    private @Nullable Connection swapper;
    private boolean indexed;
    private boolean hasIndexes;

    /** Takes over the session and the standbys, and closes them. */
    public PostgresRebuild(
            Connection session, Opener swapOpener, Standbys standbys, Backfill backfill, UnitRow unit, Tuning tuning)
            throws SQLException {
        this(new UnitWork(session, backfill, unit, tuning), swapOpener, standbys);
    }

    private PostgresRebuild(UnitWork work, Opener swapOpener, Standbys standbys) throws SQLException {
        this(work, loadStep(work), swapOpener, standbys);
    }

    private static LoadStep loadStep(UnitWork work) {
        SourceRecompute source = work.backfill().rebuild().source();
        return source == null ? new LoadStep(work) : new SourceLoad(work, source);
    }

    PostgresRebuild(UnitWork work, LoadStep load, Opener swapOpener, Standbys standbys) throws SQLException {
        this.pid = (int) Query.of(work.connection(), "SELECT pg_backend_pid()").number();
        this.work = work;
        this.load = load;
        this.swapOpener = swapOpener;
        this.standbys = standbys;
        this.oldSnapshots = new OldSnapshots(work, standbys);
        this.lull = new Lull(work.tuning().lockDeadline());
        this.settle = new SettleStep(work, lull);
        this.merge = new MergeStep(work, load);
    }

    /** The engine's side of a unit, whether it rebuilds a partition or puts one back. */
    public static PostgresRebuild of(
            Connection session, Opener swapOpener, Standbys standbys, Backfill backfill, UnitRow unit, Tuning tuning)
            throws SQLException {
        Optional<UndoneUnit> undone = UndoneUnit.by(session, unit.id());
        return undone.isPresent()
                ? new UndoRebuild(new UndoWork(session, backfill, unit, undone.get(), tuning), swapOpener, standbys)
                : new PostgresRebuild(session, swapOpener, standbys, backfill, unit, tuning);
    }

    interface Body<T> {
        T run() throws SQLException;
    }

    static <T> T explained(Body<T> body) {
        try {
            return body.run();
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    private record Row(
            boolean done, Step step, long live, long shadow, String fingerprint, long next, long end, long rows) {}

    @Override
    public Standing look() {
        return explained(() -> {
            work.refresh();
            Row row = work.inTransaction(s -> row());
            if (row.done()) {
                return new Standing(Step.SETTLE, true, row.rows(), "");
            }
            work.requireBound();
            load.resumeAt(row.next(), row.end());
            merge.resume();
            indexed = hasIndexes || row.step().compareTo(Step.INDEX) > 0;
            if (eagerInPlace()) {
                load.captureIsEager();
            }
            return new Standing(row.step(), false, row.rows(), voided(row));
        });
    }

    /** The shadow has its indexes from the beginning. */
    final void alwaysIndexed() {
        hasIndexes = true;
    }

    final boolean eagerInPlace() throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT coalesce(bool_or(prosrc LIKE '%DELETE FROM%'), false) FROM pg_proc"
                                + " WHERE pronamespace = 'neap'::regnamespace AND proname = ?",
                        work.names().captureName())
                .truth();
    }

    private Row row() throws SQLException {
        return Query.of(work.connection(), """
                        SELECT state = 'done', step, coalesce(live_oid, 0)::bigint, coalesce(shadow_oid, 0)::bigint,
                               coalesce(fingerprint, ''), next_block, end_block, rows_loaded
                        FROM neap.unit WHERE id = ?
                        """, work.unit().id())
                .list(r -> new Row(
                        r.getBoolean(1),
                        Step.of(r.getString(2)),
                        r.getLong(3),
                        r.getLong(4),
                        r.getString(5),
                        r.getLong(6),
                        r.getLong(7),
                        r.getLong(8)))
                .get(0);
    }

    private String voided(Row row) throws SQLException {
        Optional<Long> shadow = work.shadowOid();
        if (row.step().compareTo(Step.CAPTURE) < 0) {
            return shadow.isPresent() ? leftOver() : "";
        }
        if (!shadow.equals(Optional.of(row.shadow()))) {
            return "the shadow is gone";
        }
        if (work.backfill().rebuild().merges() && !merge.witnessed()) {
            return "the server crashed, and the shadow of a merge is not logged";
        }
        long live = work.requireLive();
        if (live != row.live() || !fingerprint(live).equals(row.fingerprint())) {
            return "somebody changed the table since the shadow was made";
        }
        return row.step().compareTo(Step.LOAD) < 0 ? "" : work.reading(load::voided);
    }

    /** Why a unit that has made no shadow yet must start over where one is. */
    String leftOver() {
        return "a shadow of an earlier attempt is left";
    }

    final String fingerprint(long live) throws SQLException {
        return Query.of(work.connection(), "SELECT neap.fingerprint(?::oid, ?::oid)", live, work.parentOid())
                .text();
    }

    @Override
    public void makeShadow() {
        explained(() -> {
            work.refresh();
            work.requireBound();
            long live = work.requireLive();
            // Before all that it guards is read: what is changed in between differs from it.
            String fingerprint = fingerprint(live);
            requireColumns();
            ShadowDefinition definition = work.definition();
            List<String> refusals = work.backfill().rebuild().merges() ? merge.refusals() : definition.refusals();
            if (!refusals.isEmpty()) {
                throw new NeapException(Kind.UNIT, String.join("; ", refusals));
            }
            return work.inTransaction(s -> {
                UnitWork.all(s, work.createShadow());
                work.writes().shadowMade(live, work.shadowOid().orElseThrow(), fingerprint);
                return live;
            });
        });
    }

    /** A column that was dropped or renamed since the plan would be left as it is, in rows that pass for recomputed. */
    private void requireColumns() throws SQLException {
        List<String> columns = work.shape().columns();
        List<String> gone = work.backfill().rebuild().set().keySet().stream()
                .filter(column -> !columns.contains(column))
                .toList();
        if (!gone.isEmpty()) {
            throw new NeapException(Kind.UNIT, RebuildSql.gone(work.unit().partition(), gone));
        }
    }

    @Override
    public Attempt startCapture() {
        return explained(load::startCapture);
    }

    @Override
    public Loaded load(int rows, Runnable beforeCommit) {
        return explained(() -> load.load(rows, beforeCommit));
    }

    @Override
    public Drained drain(int changes, Runnable beforeCommit) {
        return explained(() -> {
            try {
                return drainAllIfNeeded(changes, beforeCommit);
            } catch (SQLException e) {
                // Throws what is no lock; a lock's holder gets a name.
                throw Locks.failure(work, e, Locks.Aim.SHADOW);
            }
        });
    }

    private Drained drainAllIfNeeded(int changes, Runnable beforeCommit) throws SQLException {
        try {
            return load.drain(changes, indexed, beforeCommit);
        } catch (SQLException e) {
            if (changes == Integer.MAX_VALUE || !LoadStep.spuriousDuplicate(e)) {
                throw e;
            }
            return load.drain(Integer.MAX_VALUE, indexed, beforeCommit);
        }
    }

    @Override
    public List<Finishing> finishing() {
        return explained(() -> {
            enter(Step.INDEX);
            indexed = true;
            return new FinishSteps(work, load).all();
        });
    }

    private void enter(Step step) throws SQLException {
        work.inTransaction(s -> {
            work.writes().enter(step.label());
            return step;
        });
    }

    @Override
    public void entered(Step step) {
        explained(() -> {
            enter(step);
            return step;
        });
    }

    @Override
    public Verified verify(Map<String, String> assertions) {
        return explained(() -> new VerifyStep(work, load).verify(assertions));
    }

    @Override
    public String inTheWayOfSwap() {
        return explained(() -> swapStep().inTheWay());
    }

    @Override
    public Attempt swap(SwapMoments moments) {
        return explained(() -> swapStep().attempt(moments));
    }

    private SwapStep swapStep() throws SQLException {
        Connection session = swapper;
        if (session == null || session.isClosed()) {
            session = swapOpener.open();
            swapper = session;
        }
        return new SwapStep(work, oldSnapshots, standbys, lull, session);
    }

    @Override
    public void tidyBeforeSwap() {
        explained(() -> {
            new AfterSwap(work).prepare();
            try (Statement s = work.connection().createStatement()) {
                // Emptiness is looked at under the lock: it must not wade through dead rows there.
                s.execute(VacuumSql.of(
                        work.connection(), "TRUNCATE false", work.names().changes()));
            }
            return true;
        });
    }

    @Override
    public Merged merge(int rows, Runnable beforeCommit) {
        return explained(() -> {
            try {
                return merge.merge(rows, beforeCommit);
            } catch (SQLException e) {
                // Throws what is no lock; a lock's holder gets a name.
                throw Locks.failure(work, e, Locks.Aim.WRITERS);
            }
        });
    }

    @Override
    public Attempt finishMerge(Runnable beforeCommit) {
        return explained(() -> merge.finish(beforeCommit));
    }

    @Override
    public void tidyAfterMerge() {
        explained(merge::tidy);
    }

    @Override
    public Settled mend(int rows) {
        return explained(() -> {
            Attempt tidied = merge.tidy();
            return tidied.got() ? settle.mendRound(rows) : new Settled(0, false, tidied.inTheWay());
        });
    }

    /** Whether no captured row of a done unit is in the old form, as the session's transaction sees it. */
    public static boolean allRight(Connection session, Backfill backfill, UnitRow unit, Tuning tuning)
            throws SQLException {
        UnitWork work = new UnitWork(session, backfill, unit, tuning);
        if (UndoneUnit.by(session, unit.id()).isPresent()) {
            return true;
        }
        if (work.liveOid().isEmpty() || !backfill.rebuild().mends()) {
            return true;
        }
        return !SettleStep.pending(work)
                || !Query.of(session, work.sql().anyPendingNotRight()).truth();
    }

    @Override
    public Settled settle(int rows) {
        return explained(() -> settle.settle(rows, swapOpener));
    }

    @Override
    public Attempt startOver() {
        return explained(() -> new Undoing(work).startOver());
    }

    @Override
    public Attempt abandon() {
        return explained(() -> new Undoing(work).abandon());
    }

    @Override
    public Duration lockHeld() {
        return explained(() -> Query.of(
                        work.connection(),
                        "SELECT coalesce(lock_ms, 0) FROM neap.unit WHERE id = ?",
                        work.unit().id())
                .list(r -> r.getBigDecimal(1))
                .stream()
                .findFirst()
                .map(ms -> Duration.ofNanos(
                        ms.multiply(BigDecimal.valueOf(1_000_000)).longValue()))
                .orElse(Duration.ZERO));
    }

    @Override
    public void cancel() {
        try (Connection other = swapOpener.open()) {
            Query.of(other, "SELECT pg_cancel_backend(?::int)", pid).truth();
        } catch (SQLException e) {
            // A cancel that does not arrive leaves the statement to its own end.
            return;
        }
    }

    @Override
    public void close() {
        standbys.close();
        closeQuietly(work.connection());
        Connection session = swapper;
        if (session != null) {
            closeQuietly(session);
        }
    }

    static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // Nothing hangs on it: the server ends the session.
            return;
        }
    }
}
