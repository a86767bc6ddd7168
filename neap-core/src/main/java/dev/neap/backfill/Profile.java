package dev.neap.backfill;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A named set of limits. The rate is a ceiling: a backfill file may set its own. */
public enum Profile {
    /** For query plans and syntax: large batches, no ceiling. */
    DEV(50_000, null, 2_000),
    /** For load simulation: batches of 10,000 rows at 1,000 rows/s. */
    STAGING(10_000, new RowsPerSecond(1_000), 500),
    /** For production: batches of 1,000 rows at 500 rows/s. */
    PROD(1_000, new RowsPerSecond(500), 200);

    private final int batchRows;
    private final @Nullable RowsPerSecond rate;
    private final Duration batchTime;

    Profile(int batchRows, @Nullable RowsPerSecond rate, long batchMs) {
        this.batchRows = batchRows;
        this.rate = rate;
        this.batchTime = Duration.ofMillis(batchMs);
    }

    /** About how many rows one transaction should load, at least 1. */
    public int batchRows() {
        return batchRows;
    }

    /** The ceiling where the file names none; null for no ceiling. */
    public @Nullable RowsPerSecond rate() {
        return rate;
    }

    /** How long a batch of a fill should take: the rows of a batch are chosen so. */
    public Duration batchTime() {
        return batchTime;
    }

    /** Whether a plan must be approved, and every warning answered, before a run may write. */
    public boolean asksForApproval() {
        return this == PROD;
    }

    /** Whether anything is asked for before a run may write. */
    public boolean asksForProofs() {
        return this != DEV;
    }

    /** As it is written in a backfill file. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
