package dev.neap.throttle;

import java.time.Duration;

/**
 * How many rows the next batch may have, from how long the last ones took: a pure function of what it was told. It grows
 * by half at most, and only where two batches in a row stayed well under the target; it is cut at once, in proportion,
 * where one overshot. (Growing gently and cutting fast is what keeps a controller with late feedback from swinging.) Not
 * for use by several threads.
 */
public final class BatchSizer {
    /** Under this share of the target there is room to grow. */
    private static final double ROOM = 0.8;

    private static final double MOST_GROWTH = 1.5;
    private static final double MOST_CUT = 0.1;
    /** Rows of the very first batch. */
    public static final int FIRST = 500;

    private final long targetNanos;
    private final int most;
    private int size;
    private boolean roomBefore;

    /**
     * A sizer that has seen no batch.
     *
     * @param target how long a batch should take, over zero
     * @param most the largest batch, at least 1
     * @param first rows of the first batch, at least 1, as far as these are not too many: {@link #FIRST}, or what another
     *     sizer had found
     */
    public BatchSizer(Duration target, int most, int first) {
        if (target.isNegative() || target.isZero() || most < 1 || first < 1) {
            throw new IllegalArgumentException("a target is over zero, and a batch has a row");
        }
        this.targetNanos = target.toNanos();
        this.most = most;
        this.size = Math.min(most, first);
    }

    /** Rows of the next batch: at least 1. */
    public int size() {
        return size;
    }

    /**
     * A batch has committed.
     *
     * @param rows rows that it meant to write, zero or more
     * @param took zero or more
     */
    public void took(int rows, Duration took) {
        if (rows == 0) {
            return;
        }
        double share = (double) Math.max(1, took.toNanos()) / targetNanos;
        boolean room = share < ROOM;
        if (share > 1) {
            size = bounded(rows * Math.max(MOST_CUT, 1 / share));
        } else if (room && roomBefore && rows >= size) {
            size = bounded(Math.max(size + 1.0, size * Math.min(MOST_GROWTH, 1 / share)));
        }
        roomBefore = room;
    }

    /** A batch failed as a whole, such as for a lock: the next is half as large. */
    public void failed() {
        size = bounded(size / 2.0);
        roomBefore = false;
    }

    private int bounded(double rows) {
        return (int) Math.max(1, Math.min(most, Math.floor(rows)));
    }
}
