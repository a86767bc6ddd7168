package dev.neap.run;

import dev.neap.backfill.Throttle;
import dev.neap.control.ControlStore;
import dev.neap.dialect.Database;
import dev.neap.dialect.Tuning;
import dev.neap.throttle.Decision;
import dev.neap.throttle.Decision.Verdict;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Pacer;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import dev.neap.throttle.SpeedMeter;
import dev.neap.throttle.Throttler;
import dev.neap.throttle.Watched;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says on a thread of its own how fast the run may go, by what its signals say. Each change of speed is told and recorded,
 * those by which it grows in steps of a quarter. {@link #now} and {@link #speed} are safe for many threads.
 */
final class Throttling implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Throttling.class);
    private static final Duration DECIDE_EVERY = Duration.ofMillis(100);
    /** A decision this old means that deciding hangs. */
    private static final Duration STALE = Duration.ofSeconds(10);

    private static final double TOLD = 1.25;

    private final Database database;
    private final long run;
    private final RunListener listener;
    private final Wishes wishes;
    private final Pacer pacer;
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

    /**
     * @param throttle what the file says of signals that need no database
     * @param clock what hours go by
     */
    Throttling(
            Database database,
            long run,
            Throttle throttle,
            Watched watched,
            RunListener listener,
            Wishes wishes,
            Pacer pacer,
            Tuning tuning,
            Clock clock) {
        this.database = database;
        this.run = run;
        this.listener = listener;
        this.wishes = wishes;
        this.pacer = pacer;
        this.patience = tuning.patience();
        List<Signal> signals = new ArrayList<>(OwnSignals.of(throttle, clock));
        signals.addAll(watched.signals());
        List<Limits> limits = signals.stream().map(Signal::limits).toList();
        this.watches = !signals.isEmpty();
        this.throttler = new Throttler(limits, patience, System.nanoTime());
        this.readers = new SignalReaders(signals, this::heard);
        this.decision = new Decision(Verdict.WAIT, null, "", "the signals were not read yet");
        watched.off().forEach(why -> listener.on(new RunEvent.Note(why)));
    }

    /** Reads every signal once, and from then on again and again. */
    void start() {
        if (watches) {
            readers.start();
            decide();
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** What the run may do now. */
    Decision now() {
        if (!watches) {
            return new Decision(Verdict.GO, wishes.rate(), "", "no signal is watched");
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
        listener.on(new RunEvent.SignalRead(signal.signal(), reading.missed() ? Double.NaN : reading.value()));
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

    private void decide() {
        long now;
        Decision next;
        synchronized (throttler) {
            // No reading that it knows is later than this.
            now = System.nanoTime();
            measure(now);
            next = throttler.decide(wishes.rate(), meter.perSecond(), now);
        }
        decision = next;
        decidedNanos = now;
        tell(next);
    }

    private void measure(long now) {
        long rows = pacer.rows();
        if (!decision.waits()) {
            meter.add((now - decidedNanos) / 1e9, (double) (rows - rowsBefore));
        }
        rowsBefore = rows;
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
        try (ControlStore control = database.control("neap run " + run + " speed")) {
            control.event(run, null, "speed", next.words());
        } catch (RuntimeException e) {
            // The run loses its own sessions too then, and says so.
            LOG.debug("a change of speed was not recorded", e);
        }
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
