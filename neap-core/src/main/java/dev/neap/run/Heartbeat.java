package dev.neap.run;

import dev.neap.control.ControlStore;
import dev.neap.control.RunRow;
import dev.neap.dialect.Database;
import dev.neap.dialect.Tuning;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the worker's lease and the dead-man's switch of capture, and reads people's wishes, on a thread and a session of
 * its own. When the lease is lost it says so, and the run stops before its next write; the fencing token makes a write
 * that is already under way harmless.
 */
final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private final Database database;
    private final long run;
    private final long worker;
    private final Tuning tuning;
    private final Wishes wishes;
    private final Runnable onLost;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean lost;
    private @Nullable ControlStore control;
    private long lastGoodNanos = System.nanoTime();
    private long lastRenewalNanos = System.nanoTime();

    Heartbeat(Database database, long run, long worker, Tuning tuning, Wishes wishes, Runnable onLost) {
        this.database = database;
        this.run = run;
        this.worker = worker;
        this.tuning = tuning;
        this.wishes = wishes;
        this.onLost = onLost;
        this.thread = new Thread(this::beatUntilEnded, "neap-heartbeat");
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void beatUntilEnded() {
        long everyMs = Math.min(1_000, Math.max(50, tuning.lease().toMillis() / 4));
        try {
            while (!ended.await(everyMs, TimeUnit.MILLISECONDS) && !lost) {
                beat();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeControl();
        }
    }

    private void beat() {
        try {
            ControlStore store = control;
            if (store == null) {
                store = database.control("neap run " + run + " heartbeat");
                control = store;
            }
            Optional<RunRow> row = store.beat(run, worker, tuning.lease());
            if (row.isEmpty()) {
                lose();
                return;
            }
            lastGoodNanos = System.nanoTime();
            wishes.read(row.get());
            renewCapture();
        } catch (RuntimeException e) {
            LOG.debug("no heartbeat", e);
            closeControl();
            if (Duration.ofNanos(System.nanoTime() - lastGoodNanos).compareTo(tuning.lease()) > 0) {
                lose();
            }
        }
    }

    private void renewCapture() {
        Duration since = Duration.ofNanos(System.nanoTime() - lastRenewalNanos);
        if (since.compareTo(tuning.captureLife().dividedBy(10)) > 0) {
            lastRenewalNanos = System.nanoTime();
            if (!database.renewCapture(run)) {
                lose();
            }
        }
    }

    private void lose() {
        lost = true;
        onLost.run();
    }

    private void closeControl() {
        ControlStore store = control;
        control = null;
        if (store != null) {
            try {
                store.close();
            } catch (RuntimeException e) {
                LOG.debug("closing the heartbeat's session", e);
            }
        }
    }

    @Override
    public void close() {
        ended.countDown();
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
