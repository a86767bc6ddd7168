package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.backfill.TableName;
import dev.neap.backfill.Throttle;
import dev.neap.dialect.Database;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.throttle.Batches;
import dev.neap.throttle.Decision;
import dev.neap.throttle.Signal;
import dev.neap.throttle.Watched;
import dev.neap.verify.VerifyWatch;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A verification heeds the pace and the signals of its backfill, as a run does: those that tell of reading, or all of them
 * where it mends.
 */
final class Verifying implements VerifyWatch, AutoCloseable {
    private static final Duration LOOK_AT_SIGNALS = Duration.ofMillis(100);

    private final RunListener listener;
    private final Stop stop;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicLong rows = new AtomicLong();
    private final Throttling throttling;
    private long earlierTables;

    /**
     * @param mends whether it writes
     * @param clock what hours go by
     * @param patience how long a signal may be silent
     */
    Verifying(
            Database database,
            Backfill backfill,
            boolean mends,
            RunListener listener,
            Stop stop,
            Clock clock,
            Duration patience) {
        this.listener = listener;
        this.stop = stop;
        Throttle throttle =
                mends ? backfill.throttle().withoutRun() : backfill.throttle().whileReading();
        Watched watched = database.signals(backfill.with(throttle), Database.NO_RUN, new Batches(System.nanoTime()));
        List<Signal> signals = new ArrayList<>(OwnSignals.of(throttle, clock));
        signals.addAll(watched.signals());
        RowsPerSecond rate = backfill.pace().rate();
        Long ceiling = rate == null ? null : (Long) rate.rows();
        this.throttling =
                new Throttling(signals, watched.off(), listener, () -> ceiling, rows::get, unused -> {}, patience);
        stop.onRequest(stopped::countDown);
        throttling.start();
    }

    @Override
    public void safePoint() {
        stopIfAsked();
        Decision now = throttling.now();
        while (now.verdict() == Decision.Verdict.WAIT) {
            sleep(LOOK_AT_SIGNALS);
            now = throttling.now();
        }
        if (now.waits()) {
            throw new NeapException(now.verdict() == Decision.Verdict.TRIP ? Kind.BREAKER : Kind.STOPPED, now.why());
        }
    }

    @Override
    public void sleep(Duration howLong) {
        try {
            if (stopped.await(howLong.toNanos(), TimeUnit.NANOSECONDS)) {
                stopIfAsked();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(Kind.STOPPED, "interrupted", e);
        }
    }

    @Override
    public void sleepOn(Duration howLong) {
        try {
            Thread.sleep(howLong.toMillis() + 1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(Kind.STOPPED, "interrupted", e);
        }
    }

    private void stopIfAsked() {
        String why = stop.reason();
        if (why != null) {
            throw new NeapException(Kind.STOPPED, why);
        }
    }

    @Override
    public void waiting(String why) {
        listener.on(new RunEvent.Waiting(0, why));
    }

    @Override
    public void begins(TableName table, long about, long before) {
        earlierTables = rows.get();
        listener.on(new RunEvent.ComparisonStarted(table, about, before));
    }

    @Override
    public void read(long more) {
        listener.on(new RunEvent.RowsCompared(rows.addAndGet(more) - earlierTables));
    }

    @Override
    public @Nullable Long speed() {
        return throttling.speed();
    }

    @Override
    public void close() {
        throttling.close();
    }
}
