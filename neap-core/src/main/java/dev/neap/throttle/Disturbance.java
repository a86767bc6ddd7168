package dev.neap.throttle;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * How many times as long commits take because of the run's own batches: the slowest in thirty of all, against the slowest in
 * thirty of those between batches. All are not simply the last ones, but those beside batches and those between, each weighed by
 * its share of the time of late. So both are compared as they are now, on a machine that is busier than it was before the
 * run too; and a change of speed, which changes how much of the time is beside batches, shows at once and in few values. Where
 * less than a thirtieth of the time is beside batches, it is near 1 whatever they do. Safe for many threads.
 */
public final class Disturbance {
    /**
     * Those among so many last ones count, a minute's or two at twenty to forty a second. The slowest in thirty of n has a
     * standard error of 2.4 σ / √n, where logarithms are normal with a deviation of σ (√(q (1 - q)) / φ(z), the usual one of a
     * quantile): with 0.5 that is 2.7 %, and 3.8 % of half as many.
     */
    private static final int LAST = 2_000;
    /** So many of each kind count however long ago they were. */
    private static final int FEWEST = 100;
    /** With fewer beside batches nothing is known of these, and a run that may be felt does not grow. */
    static final int ENOUGH = 20;

    /** Where one request in three writes, one commit in thirty-three is the slowest request in a hundred. */
    private static final double SLOWER = 1.0 / 30;

    /** Nothing is quicker. Both are of the same moments, so what is quick on this machine can be told apart. */
    private static final double LEAST_MS = 0.1;

    /** How far back it is looked how much of the time was beside batches: how far back a value tells. */
    public static final Duration MEMORY = Duration.ofSeconds(3);

    private final Deque<Commit> between = new ArrayDeque<>();
    private final Deque<Commit> beside = new ArrayDeque<>();
    private final Deque<Look> looks = new ArrayDeque<>();
    private long count;

    private record Commit(double ms, long number) {}

    private record Look(long nanos, long besideNanos) {}

    private record Weighed(double ms, double weight) {}

    /** A commit took so many milliseconds, and met a batch or none. */
    public synchronized void took(double ms, boolean met) {
        count++;
        (met ? beside : between).add(new Commit(ms, count));
        forget(between);
        forget(beside);
    }

    /** Whether less is known of commits beside batches than of those between. */
    public synchronized boolean wantsBeside() {
        return beside.size() < between.size();
    }

    private void forget(Deque<Commit> commits) {
        while (commits.size() > FEWEST && commits.element().number() <= count - LAST) {
            commits.remove();
        }
    }

    /**
     * How many times as long they take, or why nobody knows.
     *
     * @param limits the signal's
     * @param batches those of the process, all of them
     * @param nowNanos now, on their clock
     */
    public synchronized Reading reading(Limits limits, Batches batches, long nowNanos) {
        double share = share(batches, nowNanos);
        if (between.size() < CommitTimes.COUNT) {
            return Reading.none(String.format(
                    Locale.ROOT,
                    "how long commits take between batches is measured, %d of %d times",
                    between.size(),
                    CommitTimes.COUNT));
        }
        if (share >= SLOWER && beside.size() < ENOUGH) {
            return Reading.of(
                    limits.calm(),
                    String.format(
                            Locale.ROOT, "commits by batches, of which %d of %d are known", beside.size(), ENOUGH));
        }
        double without = slow(0);
        double now = slow(beside.isEmpty() ? 0 : share);
        return Reading.of(
                Math.max(now, LEAST_MS) / Math.max(without, LEAST_MS),
                String.format(
                        Locale.ROOT,
                        "commits by batches, one in thirty (now %.2f ms, between batches %.2f ms)",
                        now,
                        without));
    }

    /** Of the time of late, from 0 to 1. */
    private double share(Batches batches, long nowNanos) {
        Look now = new Look(nowNanos, batches.beside(nowNanos).toNanos());
        Look last = looks.peekLast();
        if (last != null && last.besideNanos() > now.besideNanos()) {
            looks.clear();
        }
        looks.add(now);
        Look first = looks.element();
        while (looks.size() > 2 && nowNanos - first.nanos() > MEMORY.toNanos()) {
            looks.remove();
            first = looks.element();
        }
        double nanos = (double) nowNanos - first.nanos();
        return nanos > 0 ? Math.min(1, (now.besideNanos() - first.besideNanos()) / nanos) : 0;
    }

    /** The quickest of those that are slower than all but one in thirty. */
    private double slow(double share) {
        double left = SLOWER;
        double slow = 0;
        for (Weighed one : Stream.concat(weighed(between, 1 - share), weighed(beside, share))
                .sorted(Comparator.comparingDouble(Weighed::ms).reversed())
                .toList()) {
            slow = one.ms();
            left -= one.weight();
            if (left <= 0) {
                break;
            }
        }
        return slow;
    }

    private static Stream<Weighed> weighed(Deque<Commit> commits, double share) {
        return commits.stream().map(commit -> new Weighed(commit.ms(), share / commits.size()));
    }
}
