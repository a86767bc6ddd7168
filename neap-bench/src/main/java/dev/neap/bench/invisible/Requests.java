package dev.neap.bench.invisible;

import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What each request took, from the moment at which it was meant to be sent. A request that nobody could send, because every
 * client was held up, is one like any other: a stall counts as often as requests were meant during it. Safe for many
 * threads.
 */
final class Requests {
    private static final long LOOK_MS = 20;

    private final Timetable timetable;
    /** By number; zero for one that has not ended. */
    private long[] took = new long[1 << 12];

    private int ended;
    private int failed;
    private @Nullable String failure;

    Requests(Timetable timetable) {
        this.timetable = timetable;
    }

    /** One has ended, well or not. */
    synchronized void ended(int number, long atNanos) {
        if (number >= took.length) {
            took = Arrays.copyOf(took, Math.max(number + 1, took.length * 2));
        }
        took[number] = Math.max(1, atNanos - timetable.intended(number));
        ended++;
    }

    /** One that ended, or is about to, did not do what it should. */
    synchronized void failed(String why) {
        failed++;
        failure = failure == null ? why : failure;
    }

    synchronized int ended() {
        return ended;
    }

    /** How many failed and why the first one did; empty where none did. */
    synchronized String failures() {
        return failed == 0 ? "" : failed + " requests failed, the first: " + failure;
    }

    /**
     * Those that were meant to be sent between two moments, when all of them have ended.
     *
     * @throws IllegalStateException when they do not in that time
     */
    Latency between(long fromNanos, long toNanos, Duration patience) throws InterruptedException {
        int from = timetable.firstAt(fromNanos);
        int to = timetable.firstAt(toNanos);
        long until = System.nanoTime() + patience.toNanos();
        while (missing(from, to) > 0) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(
                        missing(from, to) + " requests had not ended after " + patience.toSeconds() + " s");
            }
            Thread.sleep(LOOK_MS);
        }
        synchronized (this) {
            return Latency.of(Arrays.copyOfRange(took, from, to));
        }
    }

    /** Those that were meant to be sent between a moment and now; one that has not ended has taken until now. */
    synchronized Latency untilNow(long fromNanos, long nowNanos) {
        int from = timetable.firstAt(fromNanos);
        long[] soFar = new long[timetable.firstAt(nowNanos) - from];
        for (int i = 0; i < soFar.length; i++) {
            boolean ended = from + i < took.length && took[from + i] > 0;
            soFar[i] = ended ? took[from + i] : nowNanos - timetable.intended(from + i);
        }
        return Latency.of(soFar);
    }

    private synchronized int missing(int from, int to) {
        int missing = 0;
        for (int number = from; number < to; number++) {
            missing += number >= took.length || took[number] == 0 ? 1 : 0;
        }
        return missing;
    }
}
