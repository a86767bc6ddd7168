package dev.neap.bench.invisible;

/**
 * When requests are meant to be sent: at a steady rate, whatever becomes of those before.
 *
 * @param startNanos when the first one is, on the clients' clock
 * @param intervalNanos from one to the next, at least 1
 */
record Timetable(long startNanos, long intervalNanos) {
    Timetable {
        if (intervalNanos < 1) {
            throw new IllegalArgumentException("between two requests there is a nanosecond at least");
        }
    }

    static Timetable perSecond(double requests, long startNanos) {
        return new Timetable(startNanos, Math.max(1, Math.round(1e9 / requests)));
    }

    /** The moment of a request, which are numbered from 0 on. */
    long intended(int number) {
        return startNanos + number * intervalNanos;
    }

    /** The number of the first request that is meant at this moment or later. */
    int firstAt(long nanos) {
        long since = Math.max(0, nanos - startNanos);
        return Math.toIntExact((since + intervalNanos - 1) / intervalNanos);
    }
}
