package dev.neap.throttle;

import org.jspecify.annotations.Nullable;

/**
 * How fast a run may go now, and why.
 *
 * @param verdict what it does
 * @param speed rows per second, at least 1; null for as fast as it can. While it waits: how fast it will go on
 * @param signal the one that it waits for; empty while it goes
 * @param why in words for a person
 */
public record Decision(Verdict verdict, @Nullable Long speed, String signal, String why) {
    /** What a run does. */
    public enum Verdict {
        /** It goes at its ceiling. */
        GO,
        /** It goes slower than its ceiling. */
        SLOW,
        /** It writes nothing, until a signal is well again. */
        WAIT,
        /** A signal has been silent for too long: the run stops. */
        STOP,
        /** A signal has been far over its limit for too long: the breaker trips, and the run stops. */
        TRIP;

        /** As it is shown. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Whether nothing may be written now. */
    public boolean waits() {
        return verdict != Verdict.GO && verdict != Verdict.SLOW;
    }

    /** For people: `slow, 250 rows/s: replica lag of b is 1.3 s, …`. */
    public String words() {
        String rows = waits() ? "" : speed == null ? ", no ceiling" : ", " + speed + " rows/s";
        return verdict.label() + rows + ": " + why;
    }
}
