package dev.neap.run;

import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads each signal on a thread of its own, at its own polling time, so that one that does not answer delays no other. At
 * the end each thread closes its signal.
 */
final class SignalReaders implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SignalReaders.class);
    /** A signal that says nothing by then is one without a value. */
    private static final Duration FIRST = Duration.ofSeconds(3);

    private static final Duration LAST = Duration.ofSeconds(2);

    /** Hears readings, each on its signal's thread. */
    interface Listener {
        void heard(Limits signal, Reading reading);
    }

    private final Listener listener;
    private final List<Thread> threads;
    private final CountDownLatch first;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** @param signals they are closed by this */
    SignalReaders(List<Signal> signals, Listener listener) {
        this.listener = listener;
        this.first = new CountDownLatch(signals.size());
        this.threads = signals.stream().map(this::thread).toList();
    }

    private Thread thread(Signal signal) {
        Thread thread = new Thread(
                () -> readUntilEnded(signal), "neap-signal " + signal.limits().signal());
        thread.setDaemon(true);
        return thread;
    }

    /** Begins, and waits until each was read once, for a few seconds at most. */
    void start() {
        threads.forEach(Thread::start);
        try {
            if (!first.await(FIRST.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("{} signals were not read in time", first.getCount());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void readUntilEnded(Signal signal) {
        try (signal) {
            read(signal);
            first.countDown();
            while (!ended.await(signal.limits().every().toMillis(), TimeUnit.MILLISECONDS)) {
                read(signal);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(Signal signal) {
        Reading reading;
        try {
            reading = signal.read();
        } catch (RuntimeException e) {
            LOG.debug("a signal failed", e);
            reading = Reading.none(String.valueOf(e.getMessage()));
        }
        listener.heard(signal.limits(), reading);
    }

    /** Ends them; one that hangs ends by itself later. */
    @Override
    public void close() {
        ended.countDown();
        long until = System.nanoTime() + LAST.toNanos();
        try {
            for (Thread thread : threads) {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
