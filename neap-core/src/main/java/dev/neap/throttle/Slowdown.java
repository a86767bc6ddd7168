package dev.neap.throttle;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Locale;

/**
 * How many times as long something takes as before the run: the median of its last times, against that of the first ones.
 * Until there are enough of these there is no value, so that the run waits, and what is compared with is what it took
 * while nothing was written. One slow time changes nothing.
 */
public final class Slowdown {
    /** So many times make what later ones are compared with. */
    static final int BEFORE = 9;

    /** Of so many last times the median counts: three of them must be slow. */
    static final int LAST = 5;

    /** What takes less counts as this: that a fifth of a millisecond becomes a third is noise. */
    private static final double LEAST_MS = 1;

    /** How far back a value tells, by the time between two. */
    public static Duration memory(Duration every) {
        return every.multipliedBy(LAST);
    }

    private final double limit;
    private final double most;
    private final double[] first = new double[BEFORE];
    private final Deque<Double> last = new ArrayDeque<>();
    private int taken;

    /**
     * @param limit the most times as long that it is to be told, over 1
     * @param most what takes longer is cut off
     */
    public Slowdown(double limit, Duration most) {
        this.limit = limit;
        this.most = most.toMillis();
    }

    /**
     * It took so many milliseconds, or was cut off then.
     *
     * @return how many times as long it takes of late, or why nobody knows
     */
    public synchronized Reading took(double ms) {
        if (taken < BEFORE) {
            first[taken++] = ms;
            return Reading.none("how long it takes without the run is measured, " + taken + " of " + BEFORE + " times");
        }
        double before = median(first);
        if (before * limit >= most) {
            return Reading.none(String.format(
                    Locale.ROOT,
                    "it takes %.0f ms without the run, and is cut off at %.0f ms, which is less than its limit; take a"
                            + " quicker query, or a lower limit",
                    before,
                    most));
        }
        last.add(ms);
        if (last.size() > LAST) {
            last.remove();
        }
        double now = last.size() < LAST
                ? before
                : median(last.stream().mapToDouble(Double::doubleValue).toArray());
        return Reading.of(
                Math.max(now, LEAST_MS) / Math.max(before, LEAST_MS),
                String.format(Locale.ROOT, "the canary (now %.1f ms, before the run %.1f ms)", now, before));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
