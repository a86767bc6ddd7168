package dev.neap.throttle;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Turns a ceiling in rows per second into waits. It owes no past: time that was not used is not made up for later, so
 * that a run which was held up does not burst. Safe for many threads: their rows count together.
 */
public final class Pacer {
    private long nextNanos = Long.MIN_VALUE;
    private long rows;

    /**
     * How long to wait after rows were written.
     *
     * @param rows rows of the last batch, zero or more
     * @param ratePerSecond the ceiling of now, at least 1; null for none
     * @param startedNanos when the batch began, on the clock of {@code System.nanoTime}
     * @param nowNanos now, on the same clock
     * @return zero or more
     */
    public synchronized Duration after(long rows, @Nullable Long ratePerSecond, long startedNanos, long nowNanos) {
        this.rows += rows;
        if (ratePerSecond == null) {
            nextNanos = nowNanos;
            return Duration.ZERO;
        }
        long from = nextNanos == Long.MIN_VALUE ? startedNanos : Math.max(nextNanos, startedNanos);
        nextNanos = from + Math.round(rows * 1e9 / ratePerSecond);
        return Duration.ofNanos(Math.max(0, nextNanos - nowNanos));
    }

    /** All rows that it was told of. */
    public synchronized long rows() {
        return rows;
    }

    /** The higher of two ceilings; null is none. */
    public static @Nullable Long faster(@Nullable Long one, @Nullable Long other) {
        return one == null || other == null ? null : Long.valueOf(Math.max(one, other));
    }

    /**
     * How many rows the next batch may have, so that no wait grows much over a second.
     *
     * @param most the largest batch, at least 1
     * @return at least 1
     */
    public static int batchRows(int most, @Nullable Long ratePerSecond) {
        return ratePerSecond == null ? most : (int) Math.max(1, Math.min(most, ratePerSecond));
    }
}
