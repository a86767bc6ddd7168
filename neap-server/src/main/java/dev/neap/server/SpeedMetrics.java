package dev.neap.server;

import dev.neap.run.RunEvent;
import dev.neap.throttle.Decision;
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
            signals.computeIfAbsent(read.signal(), this::signal).set(read.value());
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

    private AtomicReference<Double> signal(String name) {
        AtomicReference<Double> value = new AtomicReference<>(Double.NaN);
        gauge("neap.signal", "The last value of each signal; NaN where it gives none", tags.and("signal", name), value);
        return value;
    }

    private void gauge(String name, String description, Tags labels, AtomicReference<Double> value) {
        Gauge.builder(name, value, AtomicReference::get)
                .description(description)
                .tags(labels)
                .register(registry);
    }
}
