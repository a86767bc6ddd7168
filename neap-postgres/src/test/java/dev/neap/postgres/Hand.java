package dev.neap.postgres;

import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that a test sets. */
public final class Hand extends Clock {
    private volatile Instant now;

    public Hand(String now) {
        this.now = Instant.parse(now);
    }

    public void set(String then) {
        now = Instant.parse(then);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }

    /** Holds nothing up, and has this clock. */
    public Probe probe() {
        return new Probe() {
            @Override
            public void at(Point point) {
                // Nothing is held up.
            }

            @Override
            public Clock clock() {
                return Hand.this;
            }
        };
    }
}
