package dev.neap.cli.progress;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run at one moment, as it is shown.
 *
 * @param backfill the backfill's name
 * @param unitsDone units done
 * @param unitsFailed units set aside
 * @param unitsAll all units
 * @param rowsDone rows of done units and of those in work
 * @param rowsAll all rows: known for done units, estimated for the others; never less than rowsDone
 * @param rate rows per second of late; null while nothing is known
 * @param remaining how long it still takes at the speed so far, pauses and waits counted; null while nothing is known
 * @param leastRemaining whether it may well take longer: no unit has gone through all of its steps yet
 * @param settling whether every unit is swapped, and late rows are mended and capture is taken off
 * @param waitingFor what the run as a whole waits for, such as another process; null when it does not
 * @param slowed why it goes slower than its ceiling, and how fast; null when it does not
 * @param current the units in work
 */
public record RunView(
        String backfill,
        int unitsDone,
        int unitsFailed,
        int unitsAll,
        long rowsDone,
        long rowsAll,
        @Nullable Long rate,
        @Nullable Duration remaining,
        boolean leastRemaining,
        boolean settling,
        @Nullable String waitingFor,
        @Nullable String slowed,
        List<UnitView> current) {
    /** A unit in work. */
    public record UnitView(
            int position,
            String partition,
            String step,
            int attempt,
            long rows,
            long rowsEstimated,
            @Nullable String waitingFor) {
        /** 0 to 99: a unit that is still in work is never all done. */
        int percent() {
            return Percent.of(rows, rowsEstimated, false);
        }
    }

    /** 0 to 100, and 100 only when no unit is left. */
    int percent() {
        boolean finished = unitsAll > 0 && unitsDone >= unitsAll;
        return rowsAll == 0 ? Percent.of(unitsDone, unitsAll, finished) : Percent.of(rowsDone, rowsAll, finished);
    }
}
