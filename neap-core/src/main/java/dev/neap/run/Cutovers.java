package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.Hours;
import dev.neap.control.ControlStore;
import dev.neap.control.UnitRow;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** When units may be swapped or merged: at once, in the hours that the file names, or when a person says so. */
final class Cutovers {
    private final boolean hold;
    private final @Nullable Hours hours;
    private final ControlStore control;
    private final Clock clock;

    Cutovers(Backfill backfill, ControlStore control, Clock clock) {
        this.hold = !backfill.fills() && backfill.rebuild().cutover() == Cutover.HOLD;
        this.hours = backfill.fills() ? null : backfill.rebuild().hours();
        this.control = control;
        this.clock = clock;
    }

    /** Whether units are held back until a person, or the clock, says otherwise. */
    boolean hold() {
        return hold;
    }

    /** Whether every unit may, by the clock. */
    boolean inHours() {
        return hours == null ? !hold : hours.contain(clock.instant());
    }

    /** Why this unit may not yet, in words; empty when it may. */
    String notYet(UnitRow unit) {
        return inHours() || control.units().swapWanted(unit) ? "" : "waits for " + what();
    }

    /** What lets units go: the hours, `neap swap`, or either. */
    String what() {
        return (hours == null ? "" : "the hours " + hours + ", or ") + "`neap swap`";
    }
}
