package dev.neap.cli.progress;

import dev.neap.cli.progress.RunView.UnitView;
import dev.neap.control.RunStatus;
import dev.neap.plan.Step;
import dev.neap.run.RunEvent;
import dev.neap.throttle.Decision.Verdict;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Follows a run by its events. Safe for many threads; holds only the units in work. */
final class RunTracker {
    private static final class Unit {
        final RunEvent.UnitStarted started;
        String step = "";
        long rows;
        /** Of its rows, those that were there when it was claimed. */
        long earlier;

        @Nullable
        String waitingFor;

        Unit(RunEvent.UnitStarted started, boolean counted) {
            this.started = started;
            this.earlier = counted ? 0 : started.rowsLoaded();
            this.rows = earlier;
        }

        void loaded(long now) {
            // A load that starts over makes all of them here.
            earlier = now < rows ? 0 : earlier;
            rows = now;
        }
    }

    private final String backfill;
    private final Map<Long, Unit> current = new LinkedHashMap<>();
    /** Rows of the units that are prepared and wait; at most as many as a run holds at once. */
    private final Map<Long, Long> held = new HashMap<>();

    private final Speed speed = new Speed();
    private int unitsAll;
    private int unitsDone;
    private double unitsHere;
    private int unitsFailed;
    private long rowsExpected;
    private long rowsBefore;
    private long rowsHere;
    /** By this process before it lost its connection, rows and units. */
    private long rowsEarlier;

    private double unitsEarlier;
    private boolean wholeUnitSeen;
    private boolean settling;
    private @Nullable String waitingFor;
    private @Nullable String slowed;

    RunTracker(String backfill) {
        this.backfill = backfill;
    }

    /** Takes in what happened. */
    synchronized void on(RunEvent event, Duration at) {
        if (event instanceof RunEvent.Started started) {
            startsAgain();
            unitsAll = started.units();
            unitsDone = started.unitsDone();
            rowsExpected = started.rowsEstimated();
            rowsBefore = started.rowsDone();
        } else if (event instanceof RunEvent.UnitsAdded more) {
            unitsAll += more.units();
            rowsExpected += more.rowsEstimated();
        } else if (event instanceof RunEvent.UnitStarted started) {
            current.put(started.unitId(), new Unit(started, held.containsKey(started.unitId())));
        } else if (event instanceof RunEvent.UnitDone done) {
            finished(done.unitId(), done.rows());
        } else if (event instanceof RunEvent.SegmentDone done) {
            finished(done.unitId(), done.rows());
        } else if (event instanceof RunEvent.UnitHeld ready) {
            held(ready);
        } else if (event instanceof RunEvent.UnitFailed failed) {
            current.remove(failed.unitId());
            unitsFailed++;
        } else {
            inUnit(event);
        }
        speed.add(at, rowsEarlier + rowsHere + inWorkHere());
    }

    /** After a lost connection: what was done before it is no longer counted with the units that it was done of. */
    private void startsAgain() {
        waitingFor = null;
        settling = false;
        unitsEarlier += unitsHere + unitsInWork(unit -> unit.rows - unit.earlier);
        rowsEarlier += rowsHere + inWorkHere();
        unitsHere = 0;
        rowsHere = 0;
        current.clear();
        held.clear();
    }

    private void inUnit(RunEvent event) {
        if (event instanceof RunEvent.SpeedChanged changed) {
            slowed = changed.decision().verdict() == Verdict.SLOW
                    ? changed.decision().words()
                    : null;
        } else if (event instanceof RunEvent.Waiting waiting && waiting.unitId() == 0) {
            waitingFor = waiting.why();
        } else if (event instanceof RunEvent.StepStarted step && step.step() == Step.SETTLE) {
            settling = true;
            waitingFor = null;
        } else if (event instanceof RunEvent.Waiting waiting && settling) {
            waitingFor = waiting.why();
        } else if (event instanceof RunEvent.StepStarted step) {
            ifKnown(step.unitId(), unit -> unit.step = step.step().label());
        } else if (event instanceof RunEvent.RowsLoaded loaded) {
            ifKnown(loaded.unitId(), unit -> unit.loaded(loaded.unitRows()));
        } else if (event instanceof RunEvent.Waiting waiting) {
            ifKnown(waiting.unitId(), unit -> unit.waitingFor = waiting.why());
        } else if (event instanceof RunEvent.Going going) {
            waitingFor = going.unitId() == 0 || settling ? null : waitingFor;
            ifKnown(going.unitId(), unit -> unit.waitingFor = null);
        }
    }

    private void finished(long unitId, long rows) {
        rowsAreThere(unitId, rows);
        held.remove(unitId);
        unitsDone++;
        wholeUnitSeen = true;
    }

    /** Its rows are there; what is left of it is its swap. */
    private void held(RunEvent.UnitHeld ready) {
        rowsAreThere(ready.unitId(), ready.rows());
        held.put(ready.unitId(), ready.rows());
    }

    /** From here on the real number stands in place of the estimate, or of an earlier number. */
    private void rowsAreThere(long unitId, long rows) {
        Unit unit = current.remove(unitId);
        Long before = held.get(unitId);
        if (before != null) {
            rowsExpected += rows - before;
        } else if (unit != null) {
            rowsExpected += rows - unit.started.rowsEstimated();
            unitsHere += rows > 0 ? (double) (rows - unit.earlier) / rows : 1;
        }
        long earlier = before != null ? before : unit != null ? unit.earlier : 0;
        rowsBefore += before == null ? earlier : 0;
        rowsHere += rows - earlier;
    }

    private void ifKnown(long unitId, java.util.function.Consumer<Unit> change) {
        Unit unit = current.get(unitId);
        if (unit != null) {
            change.accept(unit);
        }
    }

    private long inWorkHere() {
        return current.values().stream()
                .mapToLong(unit -> unit.rows - unit.earlier)
                .sum();
    }

    private long inWork() {
        return current.values().stream().mapToLong(unit -> unit.rows).sum();
    }

    /** How much of the units in work is done, as a number of units. */
    private double unitsInWork(ToLongFunction<Unit> rows) {
        return current.values().stream()
                .filter(unit -> unit.started.rowsEstimated() > 0)
                .mapToDouble(unit -> Math.min(1, (double) rows.applyAsLong(unit) / unit.started.rowsEstimated()))
                .sum();
    }

    private @Nullable Duration remaining(long rowsLeft, Duration now) {
        double here = unitsEarlier + unitsHere + unitsInWork(unit -> unit.rows - unit.earlier);
        double left = unitsAll - unitsDone - unitsFailed - unitsInWork(unit -> unit.rows);
        return Speed.remaining(
                RunStatus.work(rowsEarlier + rowsHere + inWorkHere(), here), RunStatus.work(rowsLeft, left), now);
    }

    /** The run at a moment since its beginning. */
    synchronized RunView view(Duration now) {
        long done = rowsBefore + rowsHere + inWork();
        long over = current.values().stream()
                .mapToLong(unit -> Math.max(0, unit.rows - unit.started.rowsEstimated()))
                .sum();
        long all = Math.max(rowsExpected + over, done);
        List<UnitView> units = current.values().stream()
                .map(unit -> new UnitView(
                        unit.started.position(),
                        unit.started.partition().toString(),
                        unit.step,
                        unit.started.attempt(),
                        unit.rows,
                        Math.max(unit.started.rowsEstimated(), unit.rows),
                        unit.waitingFor))
                .toList();
        return new RunView(
                backfill,
                unitsDone,
                unitsFailed,
                unitsAll,
                done,
                all,
                speed.perSecond(now),
                remaining(all - done, now),
                !wholeUnitSeen,
                settling,
                waitingFor,
                slowed,
                units);
    }
}
