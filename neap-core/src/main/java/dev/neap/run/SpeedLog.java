package dev.neap.run;

import dev.neap.control.ControlStore;
import dev.neap.throttle.Decision;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records changes of speed, on a thread and sessions of its own: whoever decides the speed does not wait for the database.
 * Of more than are recorded in time the oldest are left out. Safe for many threads.
 */
final class SpeedLog implements Consumer<Decision>, AutoCloseable {
    private static final int MOST_WAITING = 100;
    private static final long LAST_SECONDS = 2;

    private static final Logger LOG = LoggerFactory.getLogger(SpeedLog.class);

    private final Supplier<ControlStore> control;
    private final long run;
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            task -> {
                Thread made = new Thread(task, "neap-speed-log");
                made.setDaemon(true);
                return made;
            },
            new ThreadPoolExecutor.DiscardOldestPolicy());

    /** @param control opens a session, which is closed after each change */
    SpeedLog(Supplier<ControlStore> control, long run) {
        this.control = control;
        this.run = run;
    }

    @Override
    public void accept(Decision speed) {
        thread.execute(() -> record(speed));
    }

    private void record(Decision speed) {
        try (ControlStore own = control.get()) {
            own.event(run, null, "speed", speed.words());
        } catch (RuntimeException e) {
            // The run loses its own sessions too then, and says so.
            LOG.debug("a change of speed was not recorded", e);
        }
    }

    /** Records what is still to be recorded, for {@value #LAST_SECONDS} s at most. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(LAST_SECONDS, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
