package dev.neap.testkit.fill;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** The application that writes in both places while something fills the second: what its writers share. */
final class DualWriting implements AutoCloseable {
    private final Source source;
    private final FillSetup setup;
    private final Places places;
    private final FillModel model;
    private final Frontier frontier;
    private final FillTally tally = new FillTally();
    private final List<Thread> threads = new ArrayList<>();
    private final ReentrantReadWriteLock still = new ReentrantReadWriteLock(true);
    private volatile boolean stopping;

    /** Where connections come from. */
    interface Source {
        Connection connect() throws SQLException;
    }

    DualWriting(Source source, FillSetup setup, Places places, FillModel model, Frontier frontier) {
        this.source = source;
        this.setup = setup;
        this.places = places;
        this.model = model;
        this.frontier = frontier;
    }

    void start(SplittableRandom random) {
        Thread watching = new Thread(() -> frontier.watch(this), "frontier");
        threads.add(watching);
        for (int number = 0; number < setup.writers(); number++) {
            threads.add(new Thread(new DualWriter(this, number, random.split()), "dual-writer-" + number));
        }
        threads.forEach(Thread::start);
    }

    /** Stops it; each writer completes what it has begun, in both places. */
    @Override
    public void close() {
        stopping = true;
        for (Thread thread : threads) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(60));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            if (thread.isAlive()) {
                tally.finding("a writer did not stop: " + List.of(thread.getStackTrace()));
            }
        }
    }

    /** Held by a writer from before the first place is written until the model knows of both. */
    Lock busy() {
        return still.readLock();
    }

    /** Does something while nothing is half done. */
    <T> T quietly(Callable<T> what) throws Exception {
        still.writeLock().lock();
        try {
            return what.call();
        } finally {
            still.writeLock().unlock();
        }
    }

    Session connect() throws SQLException {
        return new Session(source.connect(), places.words, tally);
    }

    boolean stopping() {
        return stopping;
    }

    FillSetup setup() {
        return setup;
    }

    Places places() {
        return places;
    }

    FillModel model() {
        return model;
    }

    Frontier frontier() {
        return frontier;
    }

    FillTally tally() {
        return tally;
    }
}
