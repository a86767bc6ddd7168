package dev.neap.server;

import dev.neap.run.RunEvent;
import dev.neap.throttle.Decision;
import dev.neap.throttle.Limits;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** How fast a run may go, and what its signals say. Not for use by several threads; the figures are read by any. */
final class SpeedMetrics {
    private final MeterRegistry registry;
    private final Tags tags;
    private final AtomicReference<Double> limit = new AtomicReference<>(Double.NaN);
    /** A run has as many signals as its file and its server have: a few. */
    private final Map<String, AtomicReference<Double>> signals = new HashMap<>();

    SpeedMetrics(MeterRegistry registry, Tags tags) {
        this.registry = registry;
        this.tags = tags;
    }

    /** What has to do with neither, is let by. */
    void on(RunEvent event) {
        if (event instanceof RunEvent.SpeedLimit now) {
            limited(now.rowsPerSecond());
        } else if (event instanceof RunEvent.SpeedChanged changed) {
            changed(changed.decision());
        } else if (event instanceof RunEvent.SignalRead read) {
            signals.computeIfAbsent(read.signal(), name -> signal(name, read.unit()))
                    .set(read.value() / Measure.of(read.unit()).one());
        }
    }

    /** Before it is known there is no such figure: one that is no number would spoil every sum. */
    private void limited(double rowsPerSecond) {
        if (Double.isNaN(limit.getAndSet(rowsPerSecond))) {
            gauge(
                    "neap.speed.limit",
                    "Rows per second that the run may write now; 0 while it waits, +Inf without a ceiling",
                    tags,
                    limit);
        }
    }

    private void changed(Decision decision) {
        Counter.builder("neap.speed.changes")
                .description("Changes of speed, by what the run does since")
                .tags(tags.and("verdict", decision.verdict().label()))
                .register(registry)
                .increment();
    }

    /**
     * How a signal's unit is told by Prometheus' conventions: a figure has one unit, which its name ends with, and shares are
     * parts of one.
     *
     * @param name of the figure
     * @param what its description
     * @param one which value of the signal is 1
     */
    private record Measure(String name, String what, double one) {
        private static final String SHARE = "signal that is a share, or says how many times as much as before";

        static Measure of(Limits.Unit unit) {
            return switch (unit) {
                case SECONDS -> new Measure("neap.signal.seconds", "signal that is a time", 1);
                case BYTES -> new Measure("neap.signal.bytes", "signal that is an amount of bytes", 1);
                case TIMES -> new Measure("neap.signal.ratio", SHARE, 1);
                case PERCENT, LOAD -> new Measure("neap.signal.ratio", SHARE, 100);
                case COUNT, OPERATIONS, FLAG ->
                    new Measure("neap.signal", "signal that is a number, or 1 while it is on and 0 while it is off", 1);
            };
        }
    }

    private AtomicReference<Double> signal(String name, Limits.Unit unit) {
        AtomicReference<Double> value = new AtomicReference<>(Double.NaN);
        Measure measure = Measure.of(unit);
        gauge(
                measure.name(),
                "The last value of each " + measure.what() + "; NaN where it gives none",
                tags.and("signal", name),
                value);
        return value;
    }

    private void gauge(String name, String description, Tags labels, AtomicReference<Double> value) {
        Gauge.builder(name, value, AtomicReference::get)
                .description(description)
                .tags(labels)
                .register(registry);
    }
}
