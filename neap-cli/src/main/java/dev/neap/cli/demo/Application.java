package dev.neap.cli.demo;

import dev.neap.dialect.NeapException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The application beside the rebuild: a few connections that write and read without pause, at a pace that leaves the
 * server room. It begins with the old form, and {@link #deploy} switches it to the new one.
 */
final class Application implements AutoCloseable {
    private static final int WRITERS = 3;
    private static final int POINT_READERS = 2;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Ledger ledger;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean running = true;
    private volatile boolean newForm;
    private volatile boolean moves = true;
    private volatile Observations observations = new Observations();

    private Application(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Starts it. */
    static Application start(String url, Ledger ledger, long seed) {
        Application application = new Application(ledger);
        for (int i = 0; i < WRITERS; i++) {
            application.launch("writer-" + i, new Writer(application, url, i, WRITERS, seed + i, SECOND / 25));
        }
        for (int i = 0; i < POINT_READERS; i++) {
            application.launch("reader-" + i, new PointReader(application, url, seed + 10 + i, SECOND / 50));
        }
        application.launch("month-reader", new MonthReader(application, url, seed + 20, SECOND / 4));
        application.launch("report-reader", new ReportReader(application, url, seed + 30, SECOND / 2));
        return application;
    }

    private void launch(String name, Runnable work) {
        Thread thread = new Thread(work, "demo-" + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    Ledger ledger() {
        return ledger;
    }

    boolean running() {
        return running;
    }

    boolean writesNewForm() {
        return newForm;
    }

    boolean movesRows() {
        return moves;
    }

    Observations observations() {
        return observations;
    }

    /** The fixed application: from now on each amount that it writes is in cents. */
    void deploy() {
        newForm = true;
    }

    /** Returns after so long; the application works meanwhile. */
    void workFor(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(NeapException.Kind.STOP, "Interrupted", e);
        }
    }

    /** It may stop moving rows between months. */
    void moveRows(boolean wanted) {
        moves = wanted;
    }

    /** Ends one phase, begins the next, and returns what the one that ended saw. */
    Observations.Summary nextPhase() {
        Observations ended = observations;
        observations = new Observations();
        return ended.summary();
    }

    /** Returns when each of its transactions has ended. */
    void stop() {
        running = false;
        for (Thread thread : threads) {
            try {
                thread.join(TimeUnit.MINUTES.toMillis(3));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            if (thread.isAlive()) {
                throw new NeapException(
                        NeapException.Kind.STOP,
                        thread.getName() + " hangs: the audit would not be sure of what it wrote");
            }
        }
    }

    @Override
    public void close() {
        stop();
    }
}
