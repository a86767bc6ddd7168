package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.control.ControlStore;
import dev.neap.control.UnitRow;
import dev.neap.dialect.Database;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.PartitionRebuild.Settled;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Step;
import dev.neap.rebuild.Point;
import dev.neap.rebuild.RebuildUnit;
import dev.neap.throttle.Backoff;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** Runs one unit: tries again what may be tried again, sets aside what may not, and passes on what concerns the run. */
final class UnitRunner {
    /** How often a unit is tried again after a deadlock, a serialization failure, or a change of the catalog. */
    private static final int MOST_RETRIES = 10;
    /** Changes that a round of settling looks at. Few of their rows are in the old form, and only those are written. */
    private static final int LOOKED_AT = 500;

    /** How often it is tried to give room back. */
    private static final int MOST_DROPS = 20;

    private static final Duration BETWEEN_DROPS = Duration.ofMillis(500);

    private final Database database;
    private final ControlStore control;
    private final Backfill backfill;
    private final Tuning tuning;
    private final RunListener listener;
    private final Runner.Tally tally;
    private final ErrorBudget errors;
    private final Function<UnitRow, Watch> watches;
    private final Waits waits;

    UnitRunner(
            Database database,
            ControlStore control,
            Backfill backfill,
            Tuning tuning,
            RunListener listener,
            Runner.Tally tally,
            ErrorBudget errors,
            Function<UnitRow, Watch> watches,
            Waits waits) {
        this.database = database;
        this.control = control;
        this.backfill = backfill;
        this.tuning = tuning;
        this.listener = listener;
        this.tally = tally;
        this.errors = errors;
        this.watches = watches;
        this.waits = waits;
    }

    /** Runs a unit to its swap; returns why it was set aside, or nothing. */
    Optional<NeapException> run(UnitRow unit) {
        long began = System.nanoTime();
        listener.on(new RunEvent.UnitStarted(
                unit.id(),
                unit.position(),
                unit.partition(),
                unit.rowsEstimated(),
                unit.attempts(),
                unit.rowsLoaded()));
        Watch watch = watches.apply(unit);
        try (PartitionRebuild bench = database.rebuild(backfill, unit)) {
            Runnable cancel = bench::cancel;
            waits.cancelWith(cancel);
            try {
                done(unit, tries(unit, bench, watch), began);
                return Optional.empty();
            } catch (NeapException e) {
                switch (e.kind()) {
                    case UNKNOWN, LOST_LEASE, STOP, BREAKER -> throw e;
                    case FULL -> throw withRoomMade(unit, bench, e);
                    default -> setAside(unit, bench, watch, e);
                }
                return Optional.of(e);
            } finally {
                waits.cancelNoLonger(cancel);
            }
        }
    }

    private RebuildUnit.Result tries(UnitRow unit, PartitionRebuild bench, Watch watch) {
        Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10), RandomGenerator.getDefault());
        RebuildUnit rebuild = new RebuildUnit(backfill, bench, watch, unit.restarts());
        while (true) {
            try {
                return rebuild.run();
            } catch (NeapException e) {
                if (e.kind() != Kind.RETRY || backoff.misses() >= MOST_RETRIES) {
                    throw e;
                }
                // A statement that was cancelled because the run is to stop is not tried again.
                watch.safePoint();
                watch.note("tried again: " + e.getMessage());
                watch.pause(backoff.next());
                watch.retried(e.retryCause());
            }
        }
    }

    /** Replays what came in for a held unit. Whoever is in the way now may not be the next time. */
    void catchUp(UnitRow unit) {
        Watch watch = watches.apply(unit);
        try (PartitionRebuild bench = database.rebuild(backfill, unit)) {
            catchUp(unit, bench, watch);
        }
    }

    private void catchUp(UnitRow unit, PartitionRebuild bench, Watch watch) {
        try {
            OptionalLong changes = new RebuildUnit(backfill, bench, watch, unit.restarts()).catchUp();
            if (changes.isPresent()) {
                control.units().behind(unit, changes.getAsLong());
                tally.replayed(changes.getAsLong());
            } else {
                watch.note("what was prepared is void, and it is prepared anew");
                control.units().unhold(unit);
            }
        } catch (NeapException e) {
            switch (e.kind()) {
                case LOCK, RETRY, BUSY -> {
                    listener.on(new RunEvent.Waiting(unit.id(), String.valueOf(e.getMessage())));
                    watch.retried(e.retryCause());
                }
                case UNIT, MISMATCH -> setAside(unit, bench, watch, e);
                default -> throw e;
            }
        }
    }

    private void done(UnitRow unit, RebuildUnit.Result result, long began) {
        if (result.held()) {
            control.units().hold(unit);
            control.units().endAttempt(unit, "held", null);
            tally.replayed(result.changesReplayed());
            control.event(unit.runId(), unit.id(), "held", unit.partition() + " is ready to swap");
            listener.on(new RunEvent.UnitHeld(unit.id(), unit.partition(), result.rows()));
            return;
        }
        control.units().endAttempt(unit, "done", null);
        tally.replayed(result.changesReplayed());
        control.event(
                unit.runId(),
                unit.id(),
                "done",
                unit.partition()
                        + (backfill.rebuild().merges()
                                ? " merged"
                                : " swapped in " + result.lockHeld().toNanos() / 1e6 + " ms"));
        listener.on(new RunEvent.UnitDone(
                unit.id(),
                unit.partition(),
                result.rows(),
                result.changesReplayed(),
                Duration.ofNanos(System.nanoTime() - began),
                result.lockHeld(),
                result.verifyTook()));
    }

    /**
     * A run that stops for want of room must not leave the application without any: it may be long before somebody looks.
     * Neither a signal nor another unit that ends holds this up.
     */
    private NeapException withRoomMade(UnitRow unit, PartitionRebuild bench, NeapException full) {
        String made = ": what was made of " + unit.partition();
        try {
            Attempt dropped = bench.abandon();
            for (int i = 1; i < MOST_DROPS && !dropped.got(); i++) {
                LockSupport.parkNanos(BETWEEN_DROPS.toNanos());
                dropped = bench.abandon();
            }
            if (!dropped.got()) {
                throw new NeapException(Kind.LOCK, dropped.inTheWay());
            }
            control.event(unit.runId(), unit.id(), "no room", unit.partition() + ": what was made of it was dropped");
            made += " was dropped, and its room is free again";
        } catch (NeapException left) {
            made += " takes room still, for it could not be dropped: " + left.getMessage();
        }
        return new NeapException(full.kind(), full.getMessage() + made, full);
    }

    private void setAside(UnitRow unit, PartitionRebuild bench, Watch watch, NeapException why) {
        String cause = String.valueOf(why.getMessage());
        try {
            if (why.kind() == Kind.LOCK) {
                cause += "; its shadow is kept, and the next run goes on from there";
            } else {
                watch.patiently("to take back what was made", bench::abandon);
            }
        } catch (NeapException left) {
            if (left.kind() == Kind.UNKNOWN || left.kind() == Kind.LOST_LEASE || left.kind() == Kind.BREAKER) {
                throw left;
            }
            cause += "; what was made for it is left for `neap cleanup`: " + left.getMessage();
        }
        boolean mismatch = why.kind() == Kind.MISMATCH;
        control.units().fail(unit, watch.step(), cause, mismatch ? watch.rowsWrong() : 0);
        control.event(unit.runId(), unit.id(), "failed", unit.partition() + ": " + cause);
        listener.on(new RunEvent.UnitFailed(unit.id(), unit.partition(), cause));
        if (mismatch) {
            errors.require(control);
        }
    }

    /**
     * Recomputes what came into a done partition in the old form, and stops its capture.
     *
     * @return false when somebody was in the way for longer than the unit's patience
     */
    boolean settle(UnitRow unit) {
        return settle(unit, PartitionRebuild::settle);
    }

    /** Recomputes what came into a done partition in the old form, and leaves its capture on; false as above. */
    boolean mend(UnitRow unit) {
        return settle(unit, PartitionRebuild::mend);
    }

    /** One bounded round on a done partition. */
    private interface Round {
        Settled of(PartitionRebuild bench, int rows);
    }

    private boolean settle(UnitRow unit, Round round) {
        Watch watch = watches.apply(unit);
        watch.enter(Step.SETTLE);
        try (PartitionRebuild bench = database.rebuild(backfill, unit)) {
            Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(5), RandomGenerator.getDefault());
            OptionalLong until = OptionalLong.empty();
            SettleRounds rounds = new SettleRounds(bench, round, watch);
            watch.safePoint();
            Settled settled = rounds.next();
            while (!settled.last()) {
                watch.at(Point.SETTLE_BATCH);
                watch.safePoint();
                if (!settled.inTheWay().isEmpty()) {
                    until = OptionalLong.of(
                            until.orElse(System.nanoTime() + tuning.patience().toNanos()));
                    if (System.nanoTime() > until.getAsLong()) {
                        String cause = "capture on " + unit.partition() + " cannot be stopped: " + settled.inTheWay();
                        watch.note(cause);
                        return false;
                    }
                    listener.on(new RunEvent.Waiting(unit.id(), "waits to stop capture: " + settled.inTheWay()));
                    watch.pause(backoff.next());
                }
                settled = rounds.next();
            }
            return true;
        }
    }

    /** Rounds on one partition: one that was given up is tried again with half of its changes. */
    private static final class SettleRounds {
        private final PartitionRebuild bench;
        private final Round round;
        private final Watch watch;
        private int changes = LOOKED_AT;

        SettleRounds(PartitionRebuild bench, Round round, Watch watch) {
            this.bench = bench;
            this.round = round;
            this.watch = watch;
        }

        Settled next() {
            try {
                Settled settled = round.of(bench, changes);
                changes = Math.min(LOOKED_AT, 2 * changes);
                return settled;
            } catch (NeapException e) {
                if (e.kind() == Kind.RETRY || e.kind() == Kind.LOCK) {
                    changes = Math.max(1, changes / 2);
                    watch.retried(e.retryCause());
                    return new Settled(0, false, String.valueOf(e.getMessage()));
                }
                throw e;
            }
        }
    }
}
