package dev.neap.server;

import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one run in this process, in Prometheus' format. Fed by the run's events, on its threads; read by any. The
 * labels have few values: what a run waits for is named by its step, and in words in the log.
 */
public final class RunMetrics implements RunListener {
    /** Where a wait belongs that is the run's and not one unit's. */
    private static final String WHOLE_RUN = "run";

    private enum UnitState {
        DONE,
        HELD,
        FAILED,
        RUNNING,
        PENDING
    }

    /** A unit at work. */
    private static final class Unit {
        String step = "";
        /** So many are in the counter, or were there before this process. */
        long rows;

        @Nullable
        Wait wait;

        Unit(long rows) {
            this.rows = rows;
        }
    }

    /**
     * A wait that goes on.
     *
     * @param counted the moment up to which it is in the counter, in nanoseconds of the clock
     */
    private record Wait(String reason, long counted) {}

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Tags tags;
    private final LongSupplier nanos;
    private final Map<UnitState, AtomicLong> units = new EnumMap<>(UnitState.class);
    private final Map<Long, Unit> atWork = new HashMap<>();
    /** Units that wait for their swap; at most as many as a run holds at once. */
    private final Set<Long> held = new HashSet<>();

    private int unitsAll;
    private final AtomicLong rowsExpected = new AtomicLong();
    private final AtomicLong run = new AtomicLong();
    private final SpeedMetrics speed;
    private final Counter rows;
    private final Counter replayed;
    private @Nullable Wait runWaits;

    /**
     * Nothing yet.
     *
     * @param backfill its name
     * @param nanos a clock that only goes on, such as {@link System#nanoTime}
     */
    public RunMetrics(String backfill, LongSupplier nanos) {
        this.tags = Tags.of("backfill", backfill);
        this.nanos = nanos;
        this.rows = counter("neap.rows", "Rows loaded, or looked at by a fill, by this process");
        this.replayed = counter("neap.changes.replayed", "Captured changes replayed, of units done by this process");
        this.speed = new SpeedMetrics(registry, tags);
        for (UnitState state : UnitState.values()) {
            AtomicLong count = new AtomicLong();
            units.put(state, count);
            Gauge.builder("neap.units", count, AtomicLong::get)
                    .description("Units of the run by their state")
                    .tags(tags.and("state", state.name().toLowerCase(Locale.ROOT)))
                    .register(registry);
        }
        gauge("neap.rows.expected", "Rows of the whole run, as planned", rowsExpected);
        gauge("neap.run.id", "The run's number in neap.run; 0 before it has one", run);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    private void gauge(String name, String description, AtomicLong value) {
        Gauge.builder(name, value, AtomicLong::get)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /** All figures as of now, in Prometheus' text format. */
    public synchronized String scrape() {
        runWaits = counted(runWaits);
        atWork.values().forEach(unit -> unit.wait = counted(unit.wait));
        return registry.scrape();
    }

    @Override
    public synchronized void on(RunEvent event) {
        if (event instanceof RunEvent.Started
                || event instanceof RunEvent.UnitStarted
                || event instanceof RunEvent.StepStarted
                || event instanceof RunEvent.RowsLoaded) {
            // Nobody says of a wait of the whole run that it is over: what comes next does.
            counted(runWaits);
            runWaits = null;
        }
        if (event instanceof RunEvent.Started started) {
            started(started);
        } else if (event instanceof RunEvent.UnitsAdded more) {
            unitsAll += more.units();
            rowsExpected.addAndGet(more.rowsEstimated());
        } else if (event instanceof RunEvent.UnitStarted started) {
            atWork.put(started.unitId(), new Unit(started.rowsLoaded()));
        } else if (event instanceof RunEvent.StepStarted step) {
            ifAtWork(step.unitId(), unit -> unit.step = step.step().label());
        } else if (event instanceof RunEvent.RowsLoaded loaded) {
            ifAtWork(loaded.unitId(), unit -> loaded(unit, loaded.unitRows()));
        } else if (event instanceof RunEvent.Waiting waiting) {
            waits(waiting.unitId());
        } else if (event instanceof RunEvent.Retried retried) {
            retried(retried);
        } else if (event instanceof RunEvent.Going going) {
            goes(going.unitId());
        } else if (event instanceof RunEvent.UnitDone done) {
            replayed.increment((double) done.changesReplayed());
            leaves(done.unitId(), done.rows(), UnitState.DONE);
        } else if (event instanceof RunEvent.SegmentDone done) {
            leaves(done.unitId(), done.rows(), UnitState.DONE);
        } else if (event instanceof RunEvent.UnitHeld ready) {
            leaves(ready.unitId(), ready.rows(), UnitState.HELD);
        } else if (event instanceof RunEvent.UnitFailed failed) {
            leaves(failed.unitId(), 0, UnitState.FAILED);
        } else {
            speed.on(event);
        }
        states();
    }

    /** Each unit is in one state. */
    private void states() {
        long running = atWork.keySet().stream().filter(id -> !held.contains(id)).count();
        count(UnitState.HELD).set(held.size());
        count(UnitState.RUNNING).set(running);
        long elsewhere = running
                + held.size()
                + count(UnitState.DONE).get()
                + count(UnitState.FAILED).get();
        count(UnitState.PENDING).set(Math.max(0, unitsAll - elsewhere));
    }

    private void started(RunEvent.Started started) {
        run.set(started.runId());
        rowsExpected.set(started.rowsEstimated());
        unitsAll = started.units();
        atWork.clear();
        held.clear();
        count(UnitState.DONE).set(started.unitsDone());
        count(UnitState.FAILED).set(0);
    }

    /** What is done already still settles, and says so. */
    private void ifAtWork(long id, Consumer<Unit> change) {
        Unit unit = atWork.get(id);
        if (unit != null) {
            change.accept(unit);
        }
    }

    private void loaded(Unit unit, long unitRows) {
        // An attempt that starts over counts its rows again: they are loaded again.
        rows.increment((double) (unitRows >= unit.rows ? unitRows - unit.rows : unitRows));
        unit.rows = unitRows;
    }

    private void waits(long id) {
        Unit unit = atWork.get(id);
        if (unit == null) {
            Wait before = counted(runWaits);
            runWaits = before == null ? new Wait(WHOLE_RUN, nanos.getAsLong()) : before;
        } else {
            counted(unit.wait);
            unit.wait = new Wait(unit.step.isEmpty() ? WHOLE_RUN : unit.step, nanos.getAsLong());
        }
    }

    private void retried(RunEvent.Retried retried) {
        Unit unit = atWork.get(retried.unitId());
        Counter.builder("neap.retries")
                .description("Tries again after a wait, by the step that tries, and why")
                .tags(tags.and(
                        "reason",
                        unit == null || unit.step.isEmpty() ? WHOLE_RUN : unit.step,
                        "cause",
                        retried.cause().label()))
                .register(registry)
                .increment();
    }

    private void goes(long id) {
        Unit unit = atWork.get(id);
        if (unit == null) {
            counted(runWaits);
            runWaits = null;
        } else {
            counted(unit.wait);
            unit.wait = null;
        }
    }

    /** Puts what has passed of a wait into its counter. */
    private @Nullable Wait counted(@Nullable Wait wait) {
        if (wait == null) {
            return null;
        }
        long now = nanos.getAsLong();
        Counter.builder("neap.wait.seconds")
                .description("Time that the run or its units waited, by the step that waits")
                .tags(tags.and("reason", wait.reason()))
                .register(registry)
                .increment(Duration.ofNanos(now - wait.counted()).toMillis() / 1000.0);
        return new Wait(wait.reason(), now);
    }

    private void leaves(long id, long unitRows, UnitState state) {
        Unit unit = atWork.remove(id);
        boolean wasHeld = held.remove(id);
        if (unit != null) {
            counted(unit.wait);
        }
        if (unit != null && !wasHeld) {
            rows.increment((double) Math.max(0, unitRows - unit.rows));
        }
        if (state == UnitState.HELD) {
            held.add(id);
        } else {
            count(state).incrementAndGet();
        }
    }

    private AtomicLong count(UnitState state) {
        return units.computeIfAbsent(state, any -> new AtomicLong());
    }
}
