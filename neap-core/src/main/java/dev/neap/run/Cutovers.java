package dev.neap.run;

import dev.neap.backfill.Cutover;
import dev.neap.backfill.Hours;
import dev.neap.backfill.Rebuild;
import dev.neap.control.ControlStore;
import dev.neap.control.UnitRow;
import java.time.Clock;

/** When units may be swapped or merged: at once, in the hours that the file names, or when a person says so. */
final class Cutovers {
    private final Rebuild rebuild;
    private final ControlStore control;
    private final Clock clock;

    Cutovers(Rebuild rebuild, ControlStore control, Clock clock) {
        this.rebuild = rebuild;
        this.control = control;
        this.clock = clock;
    }

    /** Whether units are held back until a person, or the clock, says otherwise. */
    boolean hold() {
        return rebuild.cutover() == Cutover.HOLD;
    }

    /** Whether every unit may, by the clock. */
    boolean inHours() {
        Hours hours = rebuild.hours();
        return hours == null ? !hold() : hours.contain(clock.instant());
    }

    /** Why this unit may not yet, in words; empty when it may. */
    String notYet(UnitRow unit) {
        return inHours() || control.swapWanted(unit) ? "" : "waits for " + what();
    }

    /** What lets units go: the hours, `neap swap`, or either. */
    String what() {
        Hours hours = rebuild.hours();
        return (hours == null ? "" : "the hours " + hours + ", or ") + "`neap swap`";
    }
}
