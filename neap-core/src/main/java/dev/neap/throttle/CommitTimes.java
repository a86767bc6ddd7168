package dev.neap.throttle;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * How many times as long a commit takes as before the run: the slowest in twenty of the last hundred, against those of the
 * first hundred. Until there are so many there is no value, so that the run waits, and what is compared with is what they
 * took while nothing was written. A mean would hide the few that wait, and those are what an application's slowest requests
 * are made of; one in a hundred would hang on a single commit.
 */
public final class CommitTimes {
    /** So many make what later ones are compared with, and so many last ones count. */
    static final int COUNT = 100;

    private static final int SLOWER = COUNT / 20;

    /**
     * What takes less counts as this. A round trip between two machines of one data centre takes about as long, so a request
     * does not feel less.
     */
    static final double LEAST_MS = 0.5;

    /** How far back a value tells. */
    public static Duration memory(Duration apart) {
        return apart.multipliedBy(COUNT);
    }

    private final Limits limits;
    private final double apart;
    private final double most;
    private final Deque<Double> last = new ArrayDeque<>();
    private final Disturbance disturbance = new Disturbance();
    private double before = Double.NaN;

    /**
     * @param limits in times; one commit is begun so often as they are read
     * @param most what takes longer is cut off
     */
    public CommitTimes(Limits limits, Duration most) {
        this.limits = limits;
        this.apart = (double) limits.every().toMillis();
        this.most = (double) most.toMillis();
    }

    /**
     * A commit took so many milliseconds, or was cut off then. Those that would have been begun while it lasted count too,
     * each from the moment at which it would have been: otherwise a stall, however long, would be one of many.
     *
     * @param met whether it met a batch
     */
    public synchronized void took(double ms, boolean met) {
        double waited = ms;
        do {
            add(waited);
            disturbance.took(waited, met);
            waited -= apart;
        } while (waited > 0);
    }

    private void add(double ms) {
        last.add(ms);
        if (last.size() > COUNT) {
            last.remove();
        }
        if (Double.isNaN(before) && last.size() == COUNT) {
            before = slow();
        }
    }

    /** How many times as long they take of late, or why nobody knows. */
    public synchronized Reading reading() {
        if (Double.isNaN(before)) {
            return Reading.none(
                    "how long commits take without the run is measured, " + last.size() + " of " + COUNT + " times");
        }
        if (before * limits.limit() >= most) {
            return Reading.none(String.format(
                    Locale.ROOT,
                    "they take %.0f ms without the run, and are cut off at %.0f ms, which is less than their limit; take"
                            + " a lower limit, or none",
                    before,
                    most));
        }
        return Reading.of(
                times(),
                String.format(Locale.ROOT, "one in twenty (now %.1f ms, before the run %.1f ms)", slow(), before));
    }

    /** The same commits, those that met a batch against the others. */
    public Disturbance disturbance() {
        return disturbance;
    }

    /** Whether they take about as long as before the run: then fewer of them tell enough. */
    public synchronized boolean calm() {
        return !Double.isNaN(before) && times() < limits.calm();
    }

    private double times() {
        return Math.max(slow(), LEAST_MS) / Math.max(before, LEAST_MS);
    }

    /** The quickest of those that are slower than all but one in twenty. */
    private double slow() {
        double[] sorted =
                last.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[Math.max(0, sorted.length - SLOWER)];
    }
}
