package dev.neap.throttle;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * When batches of a process are at work, so that what is measured beside them can be told from what is measured between
 * them. All moments are on one clock that only goes on. Safe for many threads.
 */
public final class Batches {
    /** So long after a batch others may still wait for what it has written to the log. */
    static final Duration AFTER = Duration.ofMillis(10);

    private int atWork;
    /** Since when one or another has been at work, where one is. */
    private long busyNanos;
    /** How long that was the last time, and what is after it. */
    private Duration window = AFTER;

    private long begun;
    private long knownNanos;
    private long besideNanos;
    /** Until then it counts as beside a batch though none is at work. */
    private long afterNanos;

    /** @param nowNanos now */
    public Batches(long nowNanos) {
        this.knownNanos = nowNanos;
        this.afterNanos = nowNanos;
    }

    /**
     * A moment.
     *
     * @param begun how many batches had begun by then
     * @param beside whether one was at work, or had just been
     */
    public record Moment(long begun, boolean beside) {}

    /** One begins; others may be at work. */
    public synchronized void began(long nowNanos) {
        upTo(nowNanos);
        if (atWork == 0) {
            busyNanos = nowNanos;
        }
        atWork++;
        begun++;
        notifyAll();
    }

    /** One that had begun ends, well or not. */
    public synchronized void ended(long nowNanos) {
        upTo(nowNanos);
        atWork--;
        afterNanos = nowNanos + AFTER.toNanos();
        if (atWork == 0) {
            window = Duration.ofNanos(afterNanos - busyNanos);
        }
    }

    /**
     * Waits for the next one to begin.
     *
     * @param most how long; less where the thread is interrupted
     * @return for how long from now on it counts as beside that batch, if it is like the last one; empty where none began
     */
    public synchronized Optional<Duration> awaitNext(Duration most) {
        long seen = begun;
        long until = System.nanoTime() + most.toNanos();
        while (begun == seen) {
            long left = until - System.nanoTime();
            if (left <= 0) {
                return Optional.empty();
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        }
        return Optional.of(window);
    }

    /** This moment, for {@link #met}. */
    public synchronized Moment moment(long nowNanos) {
        return new Moment(begun, atWork > 0 || nowNanos - afterNanos < 0);
    }

    /** Whether what began at that moment, and ends now, met a batch. */
    public synchronized boolean met(Moment beginning) {
        return beginning.beside() || beginning.begun() != begun;
    }

    /** How much of the time until now was beside a batch. */
    synchronized Duration beside(long nowNanos) {
        upTo(nowNanos);
        return Duration.ofNanos(besideNanos);
    }

    private void upTo(long nowNanos) {
        long until = atWork > 0 ? nowNanos : Math.min(nowNanos, afterNanos);
        besideNanos += Math.max(0, until - knownNanos);
        knownNanos = Math.max(knownNanos, nowNanos);
    }
}
