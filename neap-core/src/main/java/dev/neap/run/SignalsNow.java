package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.Database;
import dev.neap.dialect.NeapException;
import dev.neap.preflight.Finding;
import dev.neap.throttle.Batches;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import dev.neap.throttle.SignalLook;
import dev.neap.throttle.Watched;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What the signals of a backfill say now, before a run.
 *
 * @param signals those that are on
 * @param off why others are off, a sentence for each
 * @param refused why the server cannot give what the file asks for; empty where it can
 */
public record SignalsNow(List<SignalLook> signals, List<String> off, String refused) {
    /** There are none. */
    public static final SignalsNow NONE = new SignalsNow(List.of(), List.of(), "");

    private static final String CHECK = "signals";
    /** Some have a value only when they were read several times. */
    private static final Duration AGAIN = Duration.ofMillis(100);

    private static final Duration NO_LONGER = Duration.ofSeconds(3);
    /** The last reading may take as long as a reading may. */
    private static final Duration ANSWER = NO_LONGER.plusSeconds(5);

    public SignalsNow {
        signals = List.copyOf(signals);
        off = List.copyOf(off);
    }

    /** Those of a backfill; what the server cannot give though the file asks for it is in the answer. */
    static SignalsNow of(Database database, Backfill backfill, Clock clock) {
        Watched watched;
        try {
            watched = database.signals(backfill, Database.NO_RUN, new Batches(System.nanoTime()));
        } catch (NeapException e) {
            if (e.kind() != NeapException.Kind.USAGE) {
                throw e;
            }
            return new SignalsNow(List.of(), List.of(), String.valueOf(e.getMessage()));
        }
        List<Signal> signals = new ArrayList<>(OwnSignals.of(backfill.throttle(), clock));
        signals.addAll(watched.signals());
        return of(signals, watched.off());
    }

    /** Reads each signal, beside each other, until it has a value, for a few seconds at most; then closes them. */
    static SignalsNow of(List<Signal> signals, List<String> off) {
        long until = System.nanoTime() + ANSWER.toNanos();
        List<CompletableFuture<SignalLook>> looks = new ArrayList<>();
        for (Signal signal : signals) {
            CompletableFuture<SignalLook> look = new CompletableFuture<>();
            Thread thread = new Thread(
                    () -> look.complete(look(signal)),
                    "neap-signal " + signal.limits().signal());
            thread.setDaemon(true);
            thread.start();
            looks.add(look);
        }
        List<SignalLook> seen = new ArrayList<>();
        for (int i = 0; i < signals.size(); i++) {
            seen.add(await(looks.get(i), signals.get(i).limits(), until - System.nanoTime()));
        }
        return new SignalsNow(seen, off, "");
    }

    private static SignalLook look(Signal signal) {
        long until = System.nanoTime() + NO_LONGER.toNanos();
        try (signal) {
            Reading reading = signal.read();
            while (reading.missed() && System.nanoTime() < until) {
                Thread.sleep(AGAIN.toMillis());
                reading = signal.read();
            }
            return SignalLook.of(signal.limits(), reading);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return SignalLook.of(signal.limits(), Reading.none("interrupted"));
        } catch (RuntimeException e) {
            return SignalLook.of(signal.limits(), Reading.none(String.valueOf(e.getMessage())));
        }
    }

    private static SignalLook await(CompletableFuture<SignalLook> look, Limits limits, long nanos) {
        try {
            return look.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            return SignalLook.of(limits, Reading.none("its answer does not come"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return SignalLook.of(limits, Reading.none("interrupted"));
        }
    }

    /** What of it a person should know before a run. What is on or off by intent, such as hours, is no more than a note. */
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        if (!refused.isEmpty()) {
            findings.add(Finding.error(
                    CHECK,
                    refused,
                    "the file asks for it, and a run would not begin without it",
                    "do what it says, or take the key out of throttle"));
        }
        for (SignalLook look : signals) {
            switch (look.level()) {
                case SILENT ->
                    findings.add(Finding.warning(
                            CHECK,
                            look.signal() + " gives " + look.now(),
                            "a run waits for its value, and stops when none comes for 10 minutes",
                            "mend what it says, or change the signal in throttle"));
                case LIMIT -> findings.add(over(look));
                case WARNING ->
                    findings.add(Finding.note(
                            CHECK,
                            look.signal() + " is " + look.now() + "; " + look.levels(),
                            "a run that began now would go slower"));
                case WELL -> {
                    // Nothing to say.
                }
            }
        }
        return findings;
    }

    private static Finding over(SignalLook look) {
        String is = look.signal() + " is " + look.now();
        return look.unit() == Limits.Unit.FLAG
                ? Finding.note(CHECK, is, "a run that began now would wait until it is off")
                : Finding.warning(
                        CHECK,
                        is + "; " + look.levels(),
                        "a run that began now would wait",
                        "let it come down first, or correct its limit in throttle");
    }
}
