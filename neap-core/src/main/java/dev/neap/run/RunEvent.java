package dev.neap.run;

import dev.neap.backfill.TableName;
import dev.neap.control.RetryCause;
import dev.neap.plan.Step;
import dev.neap.throttle.Decision;
import dev.neap.throttle.Limits;
import java.time.Duration;

/** What a run tells whoever watches it in the same process. */
public sealed interface RunEvent {
    /** A run began or was taken up again. */
    record Started(long runId, int units, int unitsDone, long rowsEstimated, long rowsDone, boolean resumed)
            implements RunEvent {}

    /**
     * A table of a fill that an earlier one has filled was cut, or has grown behind its last segment.
     *
     * @param units how many units the run has more
     * @param rowsEstimated how many rows it has more
     */
    record UnitsAdded(int units, long rowsEstimated) implements RunEvent {}

    /**
     * A unit was claimed.
     *
     * @param rowsLoaded rows that earlier attempts have loaded, or looked at, and that are still there
     */
    record UnitStarted(long unitId, int position, TableName partition, long rowsEstimated, int attempt, long rowsLoaded)
            implements RunEvent {}

    /** A unit entered a step. */
    record StepStarted(long unitId, Step step) implements RunEvent {}

    /** Rows committed: of this unit so far. */
    record RowsLoaded(long unitId, long unitRows) implements RunEvent {}

    /** It waits, and why, in words for a person; who is in the way is named. */
    record Waiting(long unitId, String why) implements RunEvent {}

    /** Something of a unit, such as a batch, is tried again, and why. */
    record Retried(long unitId, RetryCause cause) implements RunEvent {}

    /** It goes on after a wait. */
    record Going(long unitId) implements RunEvent {}

    /** A unit's swap committed. */
    record UnitDone(
            long unitId,
            TableName partition,
            long rows,
            long changesReplayed,
            Duration took,
            Duration lockHeld,
            Duration verifyTook)
            implements RunEvent {}

    /**
     * A segment of a fill was walked to its end.
     *
     * @param rows rows looked at, over all attempts
     * @param written rows written by this attempt
     */
    record SegmentDone(long unitId, TableName partition, long rows, long written, Duration took) implements RunEvent {}

    /** A unit is prepared and verified; it is kept caught up until it may be swapped. */
    record UnitHeld(long unitId, TableName partition, long rows) implements RunEvent {}

    /** A unit was set aside. */
    record UnitFailed(long unitId, TableName partition, String cause) implements RunEvent {}

    /** The run goes at another speed from now on, or waits for its signals. */
    record SpeedChanged(Decision decision) implements RunEvent {}

    /**
     * How fast the run may go from now on; this comes often.
     *
     * @param rowsPerSecond 0 while it waits; infinite where there is no ceiling
     */
    record SpeedLimit(double rowsPerSecond) implements RunEvent {}

    /**
     * A signal was read; this comes many times a second.
     *
     * @param value zero or more, in that unit; NaN where it gave none
     */
    record SignalRead(String signal, Limits.Unit unit, double value) implements RunEvent {}

    /**
     * A verification begins with a table.
     *
     * @param rowsAbout about how many rows are to be compared
     * @param rowsBefore how many of them an earlier process has compared
     */
    record ComparisonStarted(TableName table, long rowsAbout, long rowsBefore) implements RunEvent {}

    /** Rows of that table that this process has compared. */
    record RowsCompared(long rows) implements RunEvent {}

    /** Something that a person should read. */
    record Note(String text) implements RunEvent {}
}
