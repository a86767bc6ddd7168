package dev.neap.throttle;

import java.util.ArrayDeque;
import java.util.Deque;

/** How many rows a run writes in a second, of late, while it may write. Not for use by several threads. */
public final class SpeedMeter {
    private static final double WINDOW = 5;

    /** Rows of some time at work, in seconds. */
    private record Span(double seconds, double rows) {}

    private final Deque<Span> spans = new ArrayDeque<>();
    private double seconds;
    private double rows;

    /**
     * Some time has passed in which the run might write.
     *
     * @param seconds zero or more
     * @param rows zero or more
     */
    public void add(double seconds, double rows) {
        spans.add(new Span(seconds, rows));
        this.seconds += seconds;
        this.rows += rows;
        while (this.seconds - spans.element().seconds() >= WINDOW) {
            Span oldest = spans.remove();
            this.seconds -= oldest.seconds();
            this.rows -= oldest.rows();
        }
    }

    /** Rows per second over the last few seconds; 0 while nothing is known. */
    public double perSecond() {
        return seconds > 0 ? Math.max(0, rows / seconds) : 0;
    }
}
