package dev.neap.run;

import java.time.Duration;
import java.util.List;

/**
 * How a run ended in this process.
 *
 * @param outcome what became of it
 * @param runId the run
 * @param done units done, over all processes
 * @param failed units set aside
 * @param pending units left
 * @param rows rows in the done units
 * @param changesReplayed captured changes replayed by this process
 * @param rowsMended rows that came into done partitions in the old form and were recomputed there
 * @param setAside rows of a fill that could not be written by now, over all processes: their keys and causes are in
 *     `neap.quarantine`; 0 for a rebuild
 * @param took wall time of this process
 * @param waited of which waiting for locks, snapshots, pace and pauses
 * @param retried how often this process tried something again, such as a batch that could not get a lock
 * @param causes why units failed, one line each
 */
public record RunResult(
        Outcome outcome,
        long runId,
        int done,
        int failed,
        int pending,
        long rows,
        long changesReplayed,
        long rowsMended,
        long setAside,
        Duration took,
        Duration waited,
        long retried,
        List<String> causes) {
    /** What became of a run. */
    public enum Outcome {
        /** Every unit is done and settled. */
        DONE,
        /** Stopped on a wish or a signal with work left; the same command goes on. */
        STOPPED,
        /** At least one unit failed and no unit is left to try. */
        FAILED,
        /** A verification found a difference. */
        MISMATCH,
        /** Only locks were in the way: nothing changed for the units left. */
        LOCKED_OUT,
        /** Only partitions that are written too fast, or locked, are left; they are as they were. */
        TOO_BUSY
    }
}
