package dev.neap.backfill;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How fast a run may go.
 *
 * @param rate the ceiling while a unit is loaded; null for none
 * @param pause the deliberate wait between two units, zero or more
 * @param batchPause the deliberate wait between two batches, zero or more
 */
public record Pace(@Nullable RowsPerSecond rate, Duration pause, Duration batchPause) {
    public Pace {
        if (pause.isNegative() || batchPause.isNegative()) {
            throw new IllegalArgumentException("a pause cannot be negative");
        }
    }

    /** For people. */
    public String words() {
        String ceiling = rate == null ? "no ceiling" : rate.toString();
        String units = pause.isZero() ? "" : ", " + Durations.write(pause) + " between units";
        return ceiling + units + (batchPause.isZero() ? "" : ", " + Durations.write(batchPause) + " between batches");
    }

    /** As fast as the database allows. */
    public static Pace unlimited() {
        return new Pace(null, Duration.ZERO, Duration.ZERO);
    }
}
