package dev.neap.testkit.fill;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * An application that is between its two writes, for less long than the fill leaves it. A machine that is busy with other
 * things may not let it: what came of a trial proves nothing then, and it is done again.
 */
public final class TwoWrites {
    private static final int MOST_TRIALS = 8;

    private volatile boolean late;

    private TwoWrites() {}

    /** What is tried, from its tables on. */
    @FunctionalInterface
    public interface Trial {
        void with(TwoWrites writes) throws Exception;
    }

    /** Tries it until the application was in time. */
    public static void inTime(Trial trial) throws Exception {
        for (int i = 1; ; i++) {
            TwoWrites writes = new TwoWrites();
            try {
                trial.with(writes);
                return;
            } catch (Exception | AssertionError e) {
                if (!writes.late || i == MOST_TRIALS) {
                    throw e;
                }
                System.out.println("the second write was late, so this proves nothing: " + e);
            }
        }
    }

    /** Does the first at once and the second so much later. */
    public CompletableFuture<Void> apart(Runnable first, Duration later, Runnable second) {
        long began = System.nanoTime();
        first.run();
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        second.run();
                    } finally {
                        ended(began);
                    }
                },
                CompletableFuture.delayedExecutor(later.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** The second write has ended, of which the first began at this moment of {@code System.nanoTime}. */
    public void ended(long beganNanos) {
        late |= isLate(beganNanos);
    }

    /** Whether it is too late for the second write, of which the first began at this moment. */
    public static boolean isLate(long beganNanos) {
        return System.nanoTime() - beganNanos > FillHistory.LEAST_GRACE.toNanos();
    }
}
