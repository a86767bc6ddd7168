package dev.neap.throttle;

import java.time.Duration;
import java.util.OptionalLong;

/** One signal's values as they came in. Not for use by several threads. */
final class Track {
    /** So many polling times, and a little, may pass without a value before it counts as silent. */
    private static final int MISSED = 3;

    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Limits limits;
    /** When the last value came, or when the watching began. */
    private long lastValueNanos;

    /** When the first value was due that did not come since. */
    private OptionalLong missedSince = OptionalLong.empty();

    private OptionalLong overTripsSince = OptionalLong.empty();
    private Reading last = Reading.none("it was not read yet");
    private double rise;
    private boolean stopped;

    Track(Limits limits, long nowNanos) {
        this.limits = limits;
        this.lastValueNanos = nowNanos;
    }

    Limits limits() {
        return limits;
    }

    void read(Reading reading, long nowNanos) {
        if (!reading.missed()) {
            rise = last.missed()
                    ? 0
                    : (reading.value() - last.value()) / Math.max(1e-3, (nowNanos - lastValueNanos) / 1e9);
            lastValueNanos = nowNanos;
            missedSince = OptionalLong.empty();
            overTripsSince = since(overTripsSince, reading.value() >= limits.trips(), nowNanos);
            stopped &= reading.value() >= limits.warning();
            stopped |= reading.value() >= limits.limit();
        } else if (missedSince.isEmpty()) {
            missedSince = OptionalLong.of(
                    Math.min(nowNanos, lastValueNanos + limits.every().toNanos()));
        }
        last = reading;
    }

    private static OptionalLong since(OptionalLong before, boolean over, long nowNanos) {
        if (!over) {
            return OptionalLong.empty();
        }
        return before.isPresent() ? before : OptionalLong.of(nowNanos);
    }

    /** Whether it gives no value now. */
    boolean silent(long nowNanos) {
        long most = limits.every().multipliedBy(MISSED).plus(GRACE).toNanos();
        return last.missed() || nowNanos - lastValueNanos > most;
    }

    /** How long ago its last value came, or the watching began. */
    Duration lastValue(long nowNanos) {
        return Duration.ofNanos(nowNanos - lastValueNanos);
    }

    /** How long it has given no value though one was due; one that is read seldom is not silent between two looks. */
    Duration silentFor(long nowNanos) {
        return Duration.ofNanos(
                nowNanos - missedSince.orElse(lastValueNanos + limits.every().toNanos()));
    }

    /** It was over its limit, and has not come below its warning level since. */
    boolean stopped() {
        return stopped;
    }

    /** It is on or off, and on: by it nothing is to be done now, whatever the others say. */
    boolean closed() {
        return stopped && limits.unit() == Limits.Unit.FLAG;
    }

    /** Whether its values have been so high for so long that the run is to end. */
    boolean trips(Duration after, long nowNanos) {
        return overTripsSince.isPresent() && nowNanos - overTripsSince.getAsLong() >= after.toNanos();
    }

    boolean warns() {
        return last.value() >= limits.warning();
    }

    /** Whether the last value was lower than the one before: what was done about it may be working. */
    boolean falling() {
        return rise < 0;
    }

    /** How much it rises in a second, as a share of the way from its warning level to its limit. */
    double rise() {
        return rise / Math.max(limits.limit() - limits.warning(), 1e-9);
    }

    /** How far its value is over its warning level, as a share of the way from there to its limit; 1 where there is none. */
    double over() {
        double way = limits.limit() - limits.warning();
        return way > 0 ? (last.value() - limits.warning()) / way : 1;
    }

    /** Whether its last value came later than that. */
    boolean readAfter(long nanos) {
        return lastValueNanos - nanos > 0;
    }

    /** How much room there is to go faster: 1 where it is as at rest, 0 or less where there is none. */
    double room() {
        return limits.room(last.value());
    }

    String words(long nowNanos) {
        boolean flag = limits.unit() == Limits.Unit.FLAG;
        String what = limits.signal() + (last.about().isEmpty() || flag ? "" : " of " + last.about());
        if (silent(nowNanos)) {
            return what + " gives no value, for " + silentFor(nowNanos).toSeconds() + " s now: "
                    + (last.missed() ? last.missing() : "its answer does not come");
        }
        if (flag) {
            return what + (last.about().isEmpty() ? (stopped ? " is on" : " is off") : ": " + last.about());
        }
        String is = what + " is " + limits.words(last.value());
        if (last.value() >= limits.limit()) {
            return is + ", its limit " + limits.words(limits.limit());
        }
        return stopped
                ? is + ", and was over its limit; it goes on below " + limits.words(limits.warning())
                : is + ", its warning level " + limits.words(limits.warning());
    }
}
