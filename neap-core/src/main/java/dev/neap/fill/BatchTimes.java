package dev.neap.fill;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Tells a batch that took much longer than its size explains, from those before it. Not for use by several threads. */
final class BatchTimes {
    private static final int KEPT = 15;
    private static final int FEWEST = 3;
    private static final double MUCH = 4;
    /** Under this a batch of any size is quick enough. */
    private static final long LEAST_NANOS = Duration.ofMillis(100).toNanos();

    private final Deque<Double> nanosForEach = new ArrayDeque<>();

    /**
     * A batch has committed.
     *
     * @param rows rows that it meant to write, zero or more
     * @return whether it took much longer than as many rows did before
     */
    boolean odd(long rows, Duration took) {
        if (rows == 0) {
            return false;
        }
        double each = (double) took.toNanos() / rows;
        boolean odd = nanosForEach.size() >= FEWEST && took.toNanos() > LEAST_NANOS && each > MUCH * median();
        nanosForEach.addLast(each);
        if (nanosForEach.size() > KEPT) {
            nanosForEach.removeFirst();
        }
        return odd;
    }

    private double median() {
        return nanosForEach.stream().sorted().toList().get(nanosForEach.size() / 2);
    }
}
