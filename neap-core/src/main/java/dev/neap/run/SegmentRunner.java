package dev.neap.run;

import dev.neap.control.ControlStore;
import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.SegmentFill;
import dev.neap.fill.FillUnit;
import dev.neap.throttle.BatchSizer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Runs one segment of a fill: sets it aside when it cannot be done, and passes on what concerns the run. */
final class SegmentRunner {
    private final RunContext context;
    private final ControlStore control;
    private final Function<UnitRow, Watch> watches;
    /** The next segment goes on where the one before had come to. */
    private int nextRows = BatchSizer.FIRST;

    SegmentRunner(RunContext context, ControlStore control, Function<UnitRow, Watch> watches) {
        this.context = context;
        this.control = control;
        this.watches = watches;
    }

    /** Runs a segment to its end; returns why it was set aside, or nothing. */
    Optional<NeapException> run(UnitRow unit) {
        long began = System.nanoTime();
        context.listener()
                .on(new RunEvent.UnitStarted(
                        unit.id(),
                        unit.position(),
                        unit.partition(),
                        unit.rowsEstimated(),
                        unit.attempts(),
                        unit.rowsLoaded()));
        Watch watch = watches.apply(unit);
        try (SegmentFill bench = context.database().segment(context.filling().part(), unit)) {
            Runnable cancel = bench::cancel;
            context.waits().cancelWith(cancel);
            try {
                done(unit, fill(bench, watch), began);
                return Optional.empty();
            } catch (NeapException e) {
                switch (e.kind()) {
                    case UNKNOWN, LOST_LEASE, FULL, STOP, BREAKER, PLAN, USAGE -> throw e;
                    default -> setAside(unit, watch, e);
                }
                return Optional.of(e);
            } finally {
                context.waits().cancelNoLonger(cancel);
            }
        }
    }

    private FillUnit.Result fill(SegmentFill bench, Watch watch) {
        FillUnit.Result result = new FillUnit(
                        bench,
                        watch,
                        context.backfill().profile().batchTime(),
                        context.backfill().batchRows(),
                        nextRows,
                        () -> context.filling().table().keepUp(watch),
                        context.filling().plans())
                .run();
        nextRows = result.nextRows();
        return result;
    }

    private void done(UnitRow unit, FillUnit.Result result, long began) {
        control.units().endAttempt(unit, "done", null);
        control.event(
                unit.runId(), unit.id(), "done", unit.partition() + " filled, " + result.written() + " rows written");
        context.listener()
                .on(new RunEvent.SegmentDone(
                        unit.id(),
                        unit.partition(),
                        result.looked(),
                        result.written(),
                        Duration.ofNanos(System.nanoTime() - began)));
    }

    private void setAside(UnitRow unit, Watch watch, NeapException why) {
        String cause = why.getMessage() + "; what is done of it stays, and the next run goes on from there";
        control.units().fail(unit, watch.step(), cause, 0);
        control.event(unit.runId(), unit.id(), "failed", unit.partition() + ": " + cause);
        context.listener().on(new RunEvent.UnitFailed(unit.id(), unit.partition(), cause));
    }
}
