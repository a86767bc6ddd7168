package dev.neap.backfill;

/** Whether the application writes to the partitions while they are rebuilt. */
public enum LiveWrites {
    /** It may: changes are captured and replayed. */
    CAPTURE,
    /** It does not: a change that is seen all the same refuses the swap. */
    NONE
}
