package dev.neap.run;

import dev.neap.backfill.OnBreaker;
import dev.neap.control.ControlStore;
import dev.neap.control.RetryCause;
import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Step;
import dev.neap.rebuild.Point;
import dev.neap.rebuild.UnitWatch;
import dev.neap.throttle.Backoff;
import dev.neap.throttle.Decision;
import dev.neap.throttle.Pacer;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One unit's ear and voice: listeners, control tables, waits and the probe. */
final class Watch implements UnitWatch {
    private static final Duration FIRST_WAIT = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
    private static final Duration LOOK_AT_SIGNALS = Duration.ofMillis(100);
    private static final Duration SAY_AGAIN = Duration.ofSeconds(5);
    /** Any speed is faster. */
    private static final Long NOT_SIZED = 0L;

    private final UnitRow unit;
    private final ControlStore control;
    private final RunListener listener;
    private final Probe probe;
    private final Waits waits;
    private final Wishes wishes;
    private final Throttling throttling;
    private final Tuning tuning;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Cutovers cutovers;
    private final boolean undoes;
    private final Together together;
    private final Runner.Tally tally;
    private final ErrorBudget errors;
    private final LockTimeouts lockTimeouts;
    private final Runnable betweenBatches;
    private boolean saidWaiting;
    private long rowsWrong;
    /** How long it waited for its turn, for a signal, or paused: nobody was in its way then. */
    private long turnNanos;
    /** The speed that the batch at work was sized for: what was cut since holds for the next one. */
    private @Nullable Long sizedFor = NOT_SIZED;

    private Step step = Step.FINGERPRINT;

    Watch(UnitRow unit, ControlStore control, RunContext context, Cutovers cutovers, Runnable betweenBatches) {
        this.unit = unit;
        this.control = control;
        this.listener = context.listener();
        this.probe = context.probe();
        this.waits = context.waits();
        this.wishes = context.wishes();
        this.throttling = context.throttling();
        this.tuning = context.tuning();
        this.together = context.together();
        this.tally = context.tally();
        this.errors = context.errors();
        this.lockTimeouts = context.lockTimeouts();
        this.cutovers = cutovers;
        this.undoes = context.backfill().breaker().onBreaker() == OnBreaker.UNDO;
        this.betweenBatches = betweenBatches;
    }

    @Override
    public String notYet() {
        return cutovers.notYet(unit);
    }

    @Override
    public String mayNotWrite() {
        Decision now = throttling.now();
        return now.waits() ? now.words() : "";
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
    public void setAside(String cause) {
        note("a row was set aside: " + cause);
        errors.require(control);
    }

    @Override
    public void wrong(long rows) {
        rowsWrong = rows;
    }

    /** How many rows of the unit its last verification found wrong. */
    long rowsWrong() {
        return rowsWrong;
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
                lockTimeouts.got();
                going();
                return;
            }
            // What was cancelled because the run is to stop was in nobody's way.
            stopHere();
            if (System.nanoTime() - turnNanos > until) {
                throw new NeapException(
                        Kind.LOCK,
                        "waited " + tuning.patience().toSeconds() + " s " + what + ", in vain: " + outcome.inTheWay());
            }
            if (step == Step.FILL && outcome.cause() == RetryCause.LOCK) {
                lockTimeouts.missed(outcome.inTheWay());
            }
            waiting("waits " + what + ": " + outcome.inTheWay());
            waits.sleep(backoff.next());
            if (outcome.cause() != RetryCause.EARLY) {
                retried(outcome.cause());
            }
        }
    }

    /**
     * Something of the unit is tried again.
     *
     * @throws NeapException BREAKER when too much has gone wrong for the run to go on
     */
    void retried(RetryCause cause) {
        tally.retried();
        control.mishaps().retried(unit.runId(), cause);
        listener.on(new RunEvent.Retried(unit.id(), cause));
        if (cause == RetryCause.DEADLOCK) {
            errors.require(control);
        }
    }

    @Override
    public void waiting(String why) {
        saidWaiting = true;
        control.units().waiting(unit, why);
        listener.on(new RunEvent.Waiting(unit.id(), why));
    }

    private void going() {
        if (saidWaiting) {
            saidWaiting = false;
            control.units().waiting(unit, null);
            listener.on(new RunEvent.Going(unit.id()));
        }
    }

    @Override
    public void safePoint() {
        long began = System.nanoTime();
        stopHere();
        heedSignals();
        turnNanos += System.nanoTime() - began;
        going();
    }

    /** Waits as long as the signals say so. */
    private void heedSignals() {
        long saidNanos = System.nanoTime() - SAY_AGAIN.toNanos();
        Decision now = throttling.now();
        while (now.verdict() == Decision.Verdict.WAIT) {
            if (System.nanoTime() - saidNanos >= SAY_AGAIN.toNanos()) {
                saidNanos = System.nanoTime();
                waiting(now.words());
            }
            waits.sleep(LOOK_AT_SIGNALS);
            stopHere();
            now = throttling.now();
        }
        if (now.verdict() == Decision.Verdict.STOP) {
            throw new Waits.Stopped(now.why());
        }
        if (now.verdict() == Decision.Verdict.TRIP) {
            throw new NeapException(
                    Kind.BREAKER, now.why() + (undoes ? "" : "; what is done is kept, and the same command goes on"));
        }
    }

    private void stopHere() {
        waits.safePoint(() -> waiting("paused; `neap resume` goes on"));
    }

    @Override
    public int batchRows(int most) {
        sizedFor = throttling.speed();
        return Pacer.batchRows(most, sizedFor);
    }

    @Override
    public <T> T batch(Supplier<T> what) {
        together.batches().began(System.nanoTime());
        try {
            return what.get();
        } finally {
            together.batches().ended(System.nanoTime());
        }
    }

    @Override
    public void pace(long rows, long beganNanos) {
        Long speed = Pacer.faster(sizedFor, throttling.speed());
        sizedFor = NOT_SIZED;
        pause(together.pacer().after(rows, speed, beganNanos, System.nanoTime()).plus(wishes.batchPause()));
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
