package dev.neap.throttle;

import java.time.Duration;
import java.util.Locale;

/**
 * What a signal's values mean.
 *
 * @param signal its name, for people: `replica lag`
 * @param unit what is counted
 * @param warning from here on the run goes slower; over zero. Where it is the limit there is nothing between going and
 *     waiting
 * @param limit from here on nothing is written; not less than the warning level
 * @param every how often it is read, over zero
 * @param sustained how long values must stay over a level before it counts; zero for at once
 * @param trips a value that stays so high for a while ends the run; not less than the limit, and infinite where none does
 */
public record Limits(
        String signal, Unit unit, double warning, double limit, Duration every, Duration sustained, double trips) {
    private static final double MB = 1024 * 1024;

    /** With no value that ends a run. */
    public Limits(String signal, Unit unit, double warning, double limit, Duration every, Duration sustained) {
        this(signal, unit, warning, limit, every, sustained, Double.POSITIVE_INFINITY);
    }

    /** What a signal counts. */
    public enum Unit {
        /** Seconds. */
        SECONDS(" s"),
        /** Things. */
        COUNT(""),
        /** Parts of a hundred. */
        PERCENT(" %"),
        /** Bytes, shown as MB or GB. */
        BYTES(" MB"),
        /** On or off: 1 or 0. */
        FLAG("");

        private final String label;

        Unit(String label) {
            this.label = label;
        }
    }

    public Limits {
        if (signal.isBlank() || !(warning > 0) || !(limit >= warning) || !(trips >= limit)) {
            throw new IllegalArgumentException("a signal has a name, and 0 < warning <= limit <= trips");
        }
        if (every.isNegative() || every.isZero() || sustained.isNegative()) {
            throw new IllegalArgumentException("a signal is read again and again");
        }
    }

    /** Something that is on or off: while it is on, nothing is written. */
    public static Limits flag(String signal, Duration every) {
        return new Limits(signal, Unit.FLAG, 1, 1, every, Duration.ZERO);
    }

    /** A value with its unit: `2.4 s`. */
    String words(double value) {
        if (unit == Unit.BYTES) {
            double size = value / MB;
            return size < 1024 ? number(size) + unit.label : number(size / 1024) + " GB";
        }
        return number(value) + unit.label;
    }

    private static String number(double value) {
        boolean whole = value == Math.rint(value);
        return String.format(Locale.ROOT, whole ? "%.0f" : "%.1f", value);
    }
}
