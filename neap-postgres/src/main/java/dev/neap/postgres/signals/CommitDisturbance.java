package dev.neap.postgres.signals;

import dev.neap.backfill.ServerSignal;
import dev.neap.throttle.Batches;
import dev.neap.throttle.Disturbance;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.time.Duration;

/** How many times as long commits take because of the run's own batches, by those that {@link CommitTime} times. */
final class CommitDisturbance implements Signal {
    static final String NAME = ServerSignal.DISTURBANCE.label();

    private static final Duration EVERY = Duration.ofMillis(500);

    private final Limits limits;
    private final Disturbance disturbance;
    private final Batches batches;

    /** @param times from so many times as long on nothing is written, and from a third of the way to it on the run goes slower */
    CommitDisturbance(double times, Disturbance disturbance, Batches batches) {
        this.limits = new Limits(NAME, Limits.Unit.TIMES, 1 + (times - 1) / 3, times, EVERY, Disturbance.MEMORY);
        this.disturbance = disturbance;
        this.batches = batches;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public Reading read() {
        return disturbance.reading(limits, batches, System.nanoTime());
    }

    @Override
    public void close() {
        // The session is that of the commits.
    }
}
