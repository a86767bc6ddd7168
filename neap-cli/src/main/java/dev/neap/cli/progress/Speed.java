package dev.neap.cli.progress;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Rows per second over the last while. Times are since the beginning; memory is bounded. */
final class Speed {
    private static final Duration WINDOW = Duration.ofSeconds(20);
    private static final Duration BETWEEN = Duration.ofMillis(200);
    private static final Duration LEAST = Duration.ofSeconds(1);

    private record Sample(Duration at, long rows) {}

    private final Deque<Sample> samples = new ArrayDeque<>();

    /** Notes how many rows there were in all. */
    void add(Duration at, long rows) {
        Sample last = samples.peekLast();
        if (last != null && at.minus(last.at()).compareTo(BETWEEN) < 0 && samples.size() > 1) {
            samples.removeLast();
        }
        samples.addLast(new Sample(at, rows));
        Duration oldest = at.minus(WINDOW);
        while (samples.size() > 2 && second().at().compareTo(oldest) < 0) {
            samples.removeFirst();
        }
    }

    /** The speed now: it falls while nothing comes in. Null until a second has been seen. */
    @Nullable
    Long perSecond(Duration now) {
        Sample first = samples.peekFirst();
        Sample last = samples.peekLast();
        if (first == null || last == null) {
            return null;
        }
        Duration seen = now.minus(first.at());
        return seen.compareTo(LEAST) < 0 ? null : Math.round((last.rows() - first.rows()) * 1000.0 / seen.toMillis());
    }

    /**
     * How long the rest takes at the speed of the whole time so far, which counts indexes, checks, pauses and waits, not
     * only the load.
     *
     * @param done what was done in that time, and what is left, by {@link dev.neap.control.RunStatus#work}
     * @return null while nothing is done yet, or in the first three seconds
     */
    static @Nullable Duration remaining(double done, double left, Duration elapsed) {
        if (left <= 0) {
            return Duration.ZERO;
        }
        if (done <= 0 || elapsed.compareTo(Duration.ofSeconds(3)) < 0) {
            return null;
        }
        double millis = elapsed.toMillis() * left / done;
        return Duration.ofMillis(
                (long) Math.min(millis, (double) Duration.ofDays(36_500).toMillis()));
    }

    private Sample second() {
        var iterator = samples.iterator();
        iterator.next();
        return iterator.next();
    }
}
