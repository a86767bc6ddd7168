package dev.neap.run;

import dev.neap.control.Claim;
import dev.neap.control.Claim.Which;
import dev.neap.control.ControlStore;
import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.rebuild.Point;
import java.util.Optional;

/** Claims units and runs them, one after another, in one thread with a session of its own to the control tables. */
final class UnitLoop {
    private final RunContext context;
    private final ControlStore control;
    private final UnitRunner units;
    private final SegmentRunner segments;
    private final HeldUnits held;

    UnitLoop(RunContext context, ControlStore control) {
        this.context = context;
        this.control = control;
        this.units = new UnitRunner(
                context.database(),
                control,
                context.backfill(),
                context.tuning(),
                context.listener(),
                context.tally(),
                context.errors(),
                this::watch,
                context.waits());
        this.segments = new SegmentRunner(context, control, this::watch);
        this.held = new HeldUnits(control, cutovers(), units, context.run(), context.worker(), context.heldRounds());
    }

    private Cutovers cutovers() {
        return new Cutovers(context.backfill(), control, context.probe().clock());
    }

    /** For what belongs to no unit. */
    Watch watchOfRun() {
        return watch(context.filling().unit());
    }

    private Watch watch(UnitRow unit) {
        return new Watch(unit, control, context, cutovers(), this::tendHeld);
    }

    UnitRunner units() {
        return units;
    }

    /** What the run waits for, in words; empty when no unit is held. */
    String waiting() {
        return context.onlyFailed() ? "" : held.waiting();
    }

    /** Held units do not fall behind while another is prepared. */
    private void tendHeld() {
        held.tend(() -> context.waits().safePoint(this::paused));
    }

    private void paused() {
        control.event(context.run(), null, "paused", "paused on request");
        context.listener().on(new RunEvent.Waiting(0, "paused; `neap resume` goes on"));
    }

    /**
     * Runs units until none can be claimed, or too many have failed.
     *
     * @param exceptDefault leaves DEFAULT partitions alone
     */
    void run(boolean exceptDefault) {
        Optional<UnitRow> next = next(exceptDefault);
        while (next.isPresent()) {
            context.probe().at(Point.UNIT_CLAIMED);
            Optional<NeapException> failure =
                    context.backfill().fills() ? segments.run(next.get()) : units.run(next.get());
            context.together().over(next.get());
            failure.ifPresent(context.failures()::add);
            if (context.failures().tooMany()) {
                context.together().end();
            } else if (control.units().anyPending(context.run())) {
                context.waits().sleep(context.wishes().pause());
            }
            next = next(exceptDefault);
        }
    }

    /** Between two units: ends here when the run is to stop or its lease is lost, and waits as long as it is paused. */
    void safePoint() {
        context.waits().safePoint(this::paused);
    }

    private Optional<UnitRow> next(boolean exceptDefault) {
        safePoint();
        tendHeld();
        return context.together().claim(inWork -> {
            Claim claim = new Claim(
                    context.onlyFailed() ? Which.RETRIED : Which.ANY,
                    context.filling().part().part(),
                    exceptDefault,
                    inWork);
            return context.onlyFailed()
                    ? control.units().claim(context.run(), context.worker(), claim)
                    : held.claim(claim);
        });
    }
}
