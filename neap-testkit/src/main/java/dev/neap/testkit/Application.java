package dev.neap.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** The application that writes to the ledger while Neap rebuilds it: what its writers share. */
final class Application implements AutoCloseable {
    /** Ids from here belong to one writer each; those below are fixed rows. */
    static final long OWN_IDS = 10_000;
    /** Ids from here are shared by all writers. */
    static final long SHARED_IDS = 1_000_000_000;

    private static final int FINDINGS = 30;

    private final ConnectionSource source;
    private final Ledger ledger;
    private final Model model;
    private final Phases phases;
    private final Coverage coverage = new Coverage();
    private final int writers;
    private final int holdMillis;
    private final AtomicInteger committed = new AtomicInteger();
    private final AtomicInteger resolved = new AtomicInteger();
    private final AtomicInteger oldFormInFlight = new AtomicInteger();
    private final AtomicLong longestNanos = new AtomicLong();
    private final List<String> findings = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> retries = Collections.synchronizedMap(new TreeMap<>());
    private final List<Thread> threads = new ArrayList<>();
    private final ReentrantReadWriteLock still = new ReentrantReadWriteLock(true);
    private volatile boolean newForm;
    private volatile boolean leavesFixedRows;
    private volatile boolean stopping;
    private volatile int pauseMicros = 25_000;

    /** Where connections come from. */
    interface ConnectionSource {
        Connection connect() throws SQLException;
    }

    Application(ConnectionSource source, Ledger ledger, Model model, Phases phases, int writers, int holdMillis) {
        this.source = source;
        this.ledger = ledger;
        this.model = model;
        this.phases = phases;
        this.writers = writers;
        this.holdMillis = holdMillis;
    }

    void start(SplittableRandom random) {
        for (int number = 0; number < writers; number++) {
            Thread thread = new Thread(new Writer(this, number, random.split()), "writer-" + number);
            thread.start();
            threads.add(thread);
        }
    }

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
                finding("a writer did not stop: " + List.of(thread.getStackTrace()));
            }
        }
    }

    Connection connect() throws SQLException {
        return source.connect();
    }

    Entry randomEntry(long id, int partition, SplittableRandom random) {
        return new Entry(
                id,
                Ledger.randomDay(partition, random),
                1 + random.nextInt(Ledger.ACCOUNTS),
                random.nextInt(1, 10_000),
                1,
                random.nextInt(4) == 0 ? null : "new " + random.nextInt(1000),
                0,
                1);
    }

    boolean fixed(long id) {
        return id < OWN_IDS;
    }

    /** Nobody annotates a fixed row: then those of a partition are all in one form, whatever is undone. */
    void leaveFixedRows() {
        leavesFixedRows = true;
    }

    boolean leavesFixedRows() {
        return leavesFixedRows;
    }

    /** Held by each transaction from its beginning until the model knows of it. */
    Lock busy() {
        return still.readLock();
    }

    /** Does something while no transaction is under way: then the model is exact. */
    <T> T quietly(Callable<T> what) throws Exception {
        still.writeLock().lock();
        try {
            return what.call();
        } finally {
            still.writeLock().unlock();
        }
    }

    /** From now on the application writes form 2; waits until the last transaction that began in form 1 has ended. */
    void writeNewForm() throws InterruptedException {
        newForm = true;
        while (oldFormInFlight.get() > 0) {
            Thread.sleep(1);
        }
    }

    int form() {
        return newForm ? 2 : 1;
    }

    void began(int form) {
        if (form == 1) {
            oldFormInFlight.incrementAndGet();
        }
    }

    void ended(int form, long nanos) {
        if (form == 1) {
            oldFormInFlight.decrementAndGet();
        }
        longestNanos.accumulateAndGet(nanos, Math::max);
    }

    /** Something that must not be; kept up to a limit. */
    void finding(String what) {
        if (findings.size() < FINDINGS) {
            findings.add(what);
        }
    }

    void retried(String state) {
        retries.merge(state, 1, Integer::sum);
    }

    void committed() {
        committed.incrementAndGet();
    }

    /** A commit whose answer was lost was looked up. */
    void resolved() {
        resolved.incrementAndGet();
    }

    void pauseMicros(int most) {
        pauseMicros = most;
    }

    int pauseMicros() {
        return pauseMicros;
    }

    Phase hotPhase() {
        return phases.hot() < 0 ? Phase.PENDING : phases.of(phases.hot());
    }

    boolean stopping() {
        return stopping;
    }

    Ledger ledger() {
        return ledger;
    }

    Model model() {
        return model;
    }

    Phases phases() {
        return phases;
    }

    Coverage coverage() {
        return coverage;
    }

    int writers() {
        return writers;
    }

    int holdMillis() {
        return holdMillis;
    }

    int committedSoFar() {
        return committed.get();
    }

    int resolvedSoFar() {
        return resolved.get();
    }

    long longestNanos() {
        return longestNanos.get();
    }

    List<String> findings() {
        return List.copyOf(findings);
    }

    Map<String, Integer> retries() {
        return new TreeMap<>(retries);
    }
}
