package dev.neap.postgres.signals;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How fast a count grows, in a second, on average over the last ten: a peak of one second counts a tenth. A pure function of
 * what it was told. Not for use by several threads.
 */
final class Growth {
    /** How far back it looks. */
    static final Duration WINDOW = Duration.ofSeconds(10);

    private static final double OVER_SECONDS = WINDOW.toSeconds();

    /** A count, and when it was that. */
    private record Mark(long nanos, double count) {}

    private final Deque<Mark> marks = new ArrayDeque<>();

    /**
     * The count is so much now.
     *
     * @return how much it grew in a second; 0 at the first look, and where somebody set it back
     */
    double perSecond(double count, long nowNanos) {
        if (!marks.isEmpty() && count < marks.getLast().count()) {
            marks.clear();
        }
        while (!marks.isEmpty() && seconds(marks.getFirst(), nowNanos) > OVER_SECONDS && marks.size() > 1) {
            marks.remove();
        }
        marks.add(new Mark(nowNanos, count));
        Mark first = marks.getFirst();
        return (count - first.count()) / Math.max(OVER_SECONDS, seconds(first, nowNanos));
    }

    private static double seconds(Mark mark, long nowNanos) {
        return (nowNanos - mark.nanos()) / 1e9;
    }
}
