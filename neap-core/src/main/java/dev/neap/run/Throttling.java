package dev.neap.run;

import dev.neap.throttle.Decision;
import dev.neap.throttle.Decision.Verdict;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import dev.neap.throttle.SpeedMeter;
import dev.neap.throttle.Throttler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says on a thread of its own how fast the run may go, by what its signals say. Each change of speed is told and recorded,
 * those by which it grows in steps of a quarter. {@link #now} and {@link #speed} are safe for many threads.
 */
final class Throttling implements AutoCloseable {
    private static final Duration DECIDE_EVERY = Duration.ofMillis(100);
    /** A decision this old means that deciding hangs. */
    private static final Duration STALE = Duration.ofSeconds(10);

    private static final double TOLD = 1.25;

    private final RunListener listener;
    private final Supplier<@Nullable Long> ceiling;
    private final LongSupplier rows;
    private final Consumer<Decision> changes;
    private final Duration patience;
    private final boolean watches;
    private final SignalReaders readers;
    /** Told by the signals' threads and asked by this one's: whoever uses it holds its monitor. */
    private final Throttler throttler;

    private final SpeedMeter meter = new SpeedMeter();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread = new Thread(this::decideUntilEnded, "neap-speed");
    private volatile Decision decision;
    private volatile long decidedNanos = System.nanoTime();
    private @Nullable Decision told;
    private long rowsBefore;
    private double toldLimit = Double.NaN;

    /**
     * @param signals they are closed by this
     * @param off why others are off, a sentence for each
     * @param ceiling rows per second at most, now; null for none
     * @param rows all rows that were written, or read, so far
     * @param changes is told of each change of speed
     * @param patience how long a signal may be silent
     */
    Throttling(
            List<Signal> signals,
            List<String> off,
            RunListener listener,
            Supplier<@Nullable Long> ceiling,
            LongSupplier rows,
            Consumer<Decision> changes,
            Duration patience) {
        this.listener = listener;
        this.ceiling = ceiling;
        this.rows = rows;
        this.changes = changes;
        this.patience = patience;
        List<Limits> limits = signals.stream().map(Signal::limits).toList();
        this.watches = !signals.isEmpty();
        this.throttler = new Throttler(limits, patience, System.nanoTime());
        this.readers = new SignalReaders(signals, this::heard);
        this.decision = new Decision(Verdict.WAIT, null, "", "the signals were not read yet");
        off.forEach(why -> listener.on(new RunEvent.Note(why)));
    }

    /** Reads every signal once, and from then on again and again. */
    void start() {
        if (watches) {
            readers.start();
        }
        decide();
        thread.setDaemon(true);
        thread.start();
    }

    /** What the run may do now. */
    Decision now() {
        if (!watches) {
            return unwatched();
        }
        Duration old = Duration.ofNanos(System.nanoTime() - decidedNanos);
        if (old.compareTo(STALE) < 0) {
            return decision;
        }
        return new Decision(
                old.compareTo(patience) < 0 ? Verdict.WAIT : Verdict.STOP,
                null,
                "",
                "nobody has looked at the signals for " + old.toSeconds() + " s");
    }

    /** How fast all units together may go, in rows per second; null for no ceiling. */
    @Nullable
    Long speed() {
        return now().speed();
    }

    private void heard(Limits signal, Reading reading) {
        synchronized (throttler) {
            throttler.read(signal, reading, System.nanoTime());
        }
        listener.on(new RunEvent.SignalRead(
                signal.signal(), signal.unit(), reading.missed() ? Double.NaN : reading.value()));
    }

    private void decideUntilEnded() {
        try {
            while (!ended.await(DECIDE_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                decide();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Decision unwatched() {
        return new Decision(Verdict.GO, ceiling.get(), "", "no signal is watched");
    }

    private void decide() {
        if (!watches) {
            limited(unwatched());
            return;
        }
        long now;
        Decision next;
        synchronized (throttler) {
            // No reading that it knows is later than this.
            now = System.nanoTime();
            measure(now);
            next = throttler.decide(ceiling.get(), meter.perSecond(), now);
        }
        decision = next;
        decidedNanos = now;
        limited(next);
        tell(next);
    }

    private void limited(Decision next) {
        Long speed = next.speed();
        double limit = next.waits() ? 0 : speed == null ? Double.POSITIVE_INFINITY : speed.doubleValue();
        if (limit != toldLimit) {
            toldLimit = limit;
            listener.on(new RunEvent.SpeedLimit(limit));
        }
    }

    private void measure(long now) {
        long all = rows.getAsLong();
        if (!decision.waits()) {
            meter.add((now - decidedNanos) / 1e9, (double) (all - rowsBefore));
        }
        rowsBefore = all;
    }

    private void tell(Decision next) {
        Decision before = told;
        if (before != null && !news(before, next)) {
            return;
        }
        told = next;
        if (before == null && next.verdict() == Verdict.GO) {
            // It begins as everybody expects.
            return;
        }
        listener.on(new RunEvent.SpeedChanged(next));
        changes.accept(next);
    }

    private static boolean news(Decision before, Decision next) {
        return before.verdict() != next.verdict()
                || !before.signal().equals(next.signal())
                || (next.signal().equals(OpenHours.NAME) && !before.why().equals(next.why()))
                || differs(before.speed(), next.speed());
    }

    private static boolean differs(@Nullable Long before, @Nullable Long now) {
        double one = before == null ? Double.POSITIVE_INFINITY : before.doubleValue();
        double other = now == null ? Double.POSITIVE_INFINITY : now.doubleValue();
        return other < one || other > one * TOLD;
    }

    @Override
    public void close() {
        ended.countDown();
        readers.close();
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
