package dev.neap.run;

import dev.neap.backfill.Environment;
import dev.neap.backfill.OwnSignal;
import dev.neap.backfill.Throttle;
import dev.neap.backfill.WebAddress;
import dev.neap.control.ControlStore;
import dev.neap.dialect.Database;
import dev.neap.dialect.Tuning;
import dev.neap.throttle.Decision;
import dev.neap.throttle.Decision.Verdict;
import dev.neap.throttle.FlagFile;
import dev.neap.throttle.HttpSignal;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Pacer;
import dev.neap.throttle.PrometheusSignal;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import dev.neap.throttle.SpeedMeter;
import dev.neap.throttle.Throttler;
import dev.neap.throttle.Watched;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the signals of a run on a thread of its own, and says how fast the run may go. Each change of speed is told and
 * recorded, those by which it grows in steps of a quarter. {@link #now} and {@link #speed} are safe for many threads.
 */
final class Throttling implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Throttling.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    /** A decision this old means that reading the signals hangs. */
    private static final Duration STALE = Duration.ofSeconds(10);

    private static final double TOLD = 1.25;

    private final Database database;
    private final long run;
    private final RunListener listener;
    private final Wishes wishes;
    private final Pacer pacer;
    private final Duration patience;
    private final List<Signal> signals = new ArrayList<>();
    private final Map<Signal, Long> dueNanos = new HashMap<>();
    private final Throttler throttler;
    private final SpeedMeter meter = new SpeedMeter();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread = new Thread(this::readUntilEnded, "neap-signals");
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
        if (!throttle.schedule().always()) {
            signals.add(new OpenHours(throttle.schedule(), clock));
        }
        signals.addAll(watched.signals());
        throttle.own().forEach(this::add);
        List<Limits> limits = signals.stream().map(Signal::limits).toList();
        this.throttler = new Throttler(limits, patience, System.nanoTime());
        this.decision = new Decision(Verdict.WAIT, null, "", "the signals were not read yet");
        watched.off().forEach(why -> listener.on(new RunEvent.Note(why)));
    }

    /** A query of the database is read by the dialect. */
    private void add(OwnSignal own) {
        if (own.source() instanceof OwnSignal.File file) {
            signals.add(new FlagFile(own.name(), file.file(), own.every()));
        } else if (own.source() instanceof OwnSignal.Http http) {
            WebAddress.Target target = http.http().target(Environment.system());
            signals.add(new HttpSignal(own.name(), target.uri(), target.header(), own.every()));
        } else if (own.source() instanceof OwnSignal.Prometheus prometheus) {
            WebAddress.Target target = prometheus.prometheus().target(Environment.system());
            Limits limits =
                    new Limits(own.name(), Limits.Unit.COUNT, own.warning(), own.limit(), own.every(), Duration.ZERO);
            signals.add(new PrometheusSignal(target.uri(), target.header(), prometheus.query(), limits));
        }
    }

    /** Reads every signal once, and from then on again and again. */
    void start() {
        if (!signals.isEmpty()) {
            look();
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** What the run may do now. */
    Decision now() {
        if (signals.isEmpty()) {
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
                "reading the signals has hung for " + old.toSeconds() + " s");
    }

    /** How fast all units together may go, in rows per second; null for no ceiling. */
    @Nullable
    Long speed() {
        return now().speed();
    }

    private void readUntilEnded() {
        try {
            while (!ended.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            signals.forEach(Signal::close);
        }
    }

    private void look() {
        for (Signal signal : signals) {
            long due = dueNanos.getOrDefault(signal, System.nanoTime());
            if (System.nanoTime() - due >= 0) {
                Reading reading = read(signal);
                throttler.read(signal.limits(), reading, System.nanoTime());
                listener.on(new RunEvent.SignalRead(
                        signal.limits().signal(), reading.missed() ? Double.NaN : reading.value()));
                dueNanos.put(signal, System.nanoTime() + signal.limits().every().toNanos());
            }
        }
        long now = System.nanoTime();
        measure(now);
        Decision next = throttler.decide(wishes.rate(), meter.perSecond(), now);
        decision = next;
        decidedNanos = now;
        tell(next);
    }

    private static Reading read(Signal signal) {
        try {
            return signal.read();
        } catch (RuntimeException e) {
            LOG.debug("a signal failed", e);
            return Reading.none(String.valueOf(e.getMessage()));
        }
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
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
