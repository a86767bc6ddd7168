package dev.neap.cli.progress;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Does something again and again on a thread of its own that never keeps the process alive. */
final class Ticker implements AutoCloseable {
    private final ScheduledExecutorService threads = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "neap-progress");
        thread.setDaemon(true);
        return thread;
    });

    @SuppressWarnings("FutureReturnValueIgnored")
    Ticker(Duration between, Runnable work) {
        threads.scheduleWithFixedDelay(work, between.toMillis(), between.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
