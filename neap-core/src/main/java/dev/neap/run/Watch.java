package dev.neap.run;

import dev.neap.control.ControlStore;
import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Step;
import dev.neap.rebuild.Point;
import dev.neap.rebuild.UnitWatch;
import dev.neap.throttle.Backoff;
import dev.neap.throttle.Pacer;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** One unit's ear and voice: listeners, control tables, waits and the probe. */
final class Watch implements UnitWatch {
    private static final Duration FIRST_WAIT = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private final UnitRow unit;
    private final ControlStore control;
    private final RunListener listener;
    private final Probe probe;
    private final Waits waits;
    private final Wishes wishes;
    private final Heartbeat heartbeat;
    private final Tuning tuning;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Cutovers cutovers;
    private final Together together;
    private final Runnable betweenBatches;
    private boolean saidWaiting;
    /** How long it waited for its turn: nobody was in its way then but other units of the run. */
    private long turnNanos;

    private Step step = Step.FINGERPRINT;

    Watch(UnitRow unit, ControlStore control, RunContext context, Cutovers cutovers, Runnable betweenBatches) {
        this.unit = unit;
        this.control = control;
        this.listener = context.listener();
        this.probe = context.probe();
        this.waits = context.waits();
        this.wishes = context.wishes();
        this.heartbeat = context.heartbeat();
        this.tuning = context.tuning();
        this.together = context.together();
        this.cutovers = cutovers;
        this.betweenBatches = betweenBatches;
    }

    @Override
    public String notYet() {
        return cutovers.notYet(unit);
    }

    @Override
    public void enter(Step step) {
        this.step = step;
        listener.on(new RunEvent.StepStarted(unit.id(), step));
    }

    /** The step that the unit is in. */
    Step step() {
        return step;
    }

    @Override
    public void at(Point point) {
        probe.at(point);
    }

    @Override
    public void note(String text) {
        control.event(unit.runId(), unit.id(), "note", text);
        listener.on(new RunEvent.Note(unit.partition() + ": " + text));
    }

    @Override
    public void loaded(long rows) {
        listener.on(new RunEvent.RowsLoaded(unit.id(), rows));
    }

    @Override
    public void patiently(String what, Supplier<Attempt> attempt) {
        Backoff backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, random);
        long until = System.nanoTime() - turnNanos + tuning.patience().toNanos();
        while (true) {
            safePoint();
            Attempt outcome = attempt.get();
            if (outcome.got()) {
                going();
                return;
            }
            if (System.nanoTime() - turnNanos > until) {
                throw new NeapException(
                        Kind.LOCK,
                        "waited " + tuning.patience().toSeconds() + " s " + what + ", in vain: " + outcome.inTheWay());
            }
            waiting("waits " + what + ": " + outcome.inTheWay());
            waits.sleep(backoff.next());
        }
    }

    @Override
    public void waiting(String why) {
        saidWaiting = true;
        control.waiting(unit, why);
        listener.on(new RunEvent.Waiting(unit.id(), why));
    }

    private void going() {
        if (saidWaiting) {
            saidWaiting = false;
            control.waiting(unit, null);
            listener.on(new RunEvent.Going(unit.id()));
        }
    }

    @Override
    public void safePoint() {
        stopHere();
        going();
    }

    private void stopHere() {
        if (heartbeat.lost()) {
            throw new NeapException(Kind.LOST_LEASE, "the lease of unit " + unit.position() + " was lost");
        }
        waits.safePoint(() -> waiting("paused; `neap resume` goes on"));
    }

    @Override
    public int batchRows(int most) {
        return Pacer.batchRows(most, wishes.rate());
    }

    @Override
    public void pace(long rows, long beganNanos) {
        pause(together.pacer()
                .after(rows, wishes.rate(), beganNanos, System.nanoTime())
                .plus(wishes.batchPause()));
    }

    @Override
    public void pause(Duration wait) {
        betweenBatches.run();
        waits.sleep(wait);
    }

    @Override
    public <T> T alone(Supplier<T> what) {
        long began = System.nanoTime();
        return together.alone(
                () -> {
                    turnNanos += System.nanoTime() - began;
                    going();
                    return what.get();
                },
                () -> {
                    stopHere();
                    waiting("waits for its turn: another unit of this run is verified or swapped");
                });
    }
}
