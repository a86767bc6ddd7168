package dev.neap.cli.rehearse;

import dev.neap.cli.demo.Observations;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.Practice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;

/** Generated writers and readers, each with a session and a beat of its own. */
final class Traffic implements AutoCloseable {
    private static final int WRITERS = 2;
    private static final int READERS = 2;
    private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(25);

    private final Practice practice;
    private final Observations observations = new Observations();
    private final List<Thread> writers = new ArrayList<>();
    private final List<Thread> readers = new ArrayList<>();
    private volatile boolean writing = true;
    private volatile boolean reading = true;
    private volatile long restUntil = System.nanoTime();

    Traffic(Practice practice, long seed) {
        this.practice = practice;
        for (int i = 0; i < WRITERS; i++) {
            launch(writers, seed + i, true);
        }
        for (int i = 0; i < READERS; i++) {
            launch(readers, seed + 100 + i, false);
        }
    }

    private void launch(List<Thread> threads, long seed, boolean writes) {
        Thread thread =
                new Thread(() -> work(seed, writes), (writes ? "rehearsal-writer-" : "rehearsal-reader-") + seed);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private boolean running(boolean writes) {
        return writes ? writing : reading;
    }

    private void work(long seed, boolean writes) {
        LongFunction<Practice.Traffic> open = writes ? practice::writer : practice::reader;
        Random beat = new Random(seed);
        while (running(writes)) {
            try (Practice.Traffic client = open.apply(seed)) {
                while (running(writes)) {
                    LockSupport.parkNanos(INTERVAL / 2 + beat.nextLong(INTERVAL));
                    if (!writes || System.nanoTime() - restUntil >= 0) {
                        once(client, writes);
                    }
                }
            } catch (NeapException e) {
                observations.failed("lost its session", String.valueOf(e.getMessage()), 0, INTERVAL);
                LockSupport.parkNanos(INTERVAL * 10);
            }
        }
    }

    private void once(Practice.Traffic client, boolean writes) {
        long start = System.nanoTime();
        Practice.Did did = client.once();
        long took = System.nanoTime() - start;
        if (!did.wrong().isEmpty()) {
            observations.wrong(did.wrong(), did.kind());
        }
        if (!did.happened()) {
            observations.failed(did.kind(), did.wrong(), took, INTERVAL);
        } else if (writes) {
            observations.write(did.kind(), took, INTERVAL);
        } else {
            observations.read(took, INTERVAL);
        }
    }

    /** Begins no write for this long; zero ends a rest. */
    void rest(Duration rest) {
        restUntil = System.nanoTime() + rest.toNanos();
    }

    /** Returns when the last write has ended. */
    void stopWriting() {
        writing = false;
        join(writers);
    }

    private static void join(List<Thread> threads) {
        for (Thread thread : threads) {
            try {
                thread.join(TimeUnit.MINUTES.toMillis(2));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            if (thread.isAlive()) {
                throw new NeapException(NeapException.Kind.STOP, thread.getName() + " hangs");
            }
        }
    }

    /** Ends all of it and returns what was felt and seen. */
    Observations.Summary stop() {
        stopWriting();
        reading = false;
        join(readers);
        return observations.summary();
    }

    @Override
    public void close() {
        writing = false;
        reading = false;
    }
}
