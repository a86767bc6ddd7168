package dev.neap.throttle;

import java.time.Duration;
import java.util.Locale;

/**
 * What a signal's values mean.
 *
 * @param signal its name, for people: `replica lag`
 * @param unit what is counted
 * @param warning from here on the run goes slower; over the unit's value at rest. Where it is the limit there is nothing between going and
 *     waiting
 * @param limit from here on nothing is written; not less than the warning level
 * @param every how often it is read, over zero
 * @param memory how far back a value tells: so long after a change of speed it still tells of the speed before; zero where
 *     it tells of now
 * @param trips a value that stays so high for a while ends the run; not less than the limit, and infinite where none does
 */
public record Limits(
        String signal, Unit unit, double warning, double limit, Duration every, Duration memory, double trips) {
    private static final double MB = 1024 * 1024;

    /** With no value that ends a run. */
    public Limits(String signal, Unit unit, double warning, double limit, Duration every, Duration memory) {
        this(signal, unit, warning, limit, every, memory, Double.POSITIVE_INFINITY);
    }

    /** What a signal counts. */
    public enum Unit {
        /** Seconds. */
        SECONDS(" s", 0),
        /** Things. */
        COUNT("", 0),
        /** Parts of a hundred. */
        PERCENT(" %", 0),
        /** How many times as much as before: 1 is as before. */
        TIMES(" times", 1),
        /** Bytes, shown as MB or GB. */
        BYTES(" MB", 0),
        /** Parts of a hundred of what a machine can do. */
        LOAD(" %", 0),
        /** Things of which a machine can do so many. */
        OPERATIONS("", 0),
        /** On or off: 1 or 0. */
        FLAG("", 0);

        private final String label;
        /** The value when nothing is the matter. */
        private final double rest;

        Unit(String label, double rest) {
            this.label = label;
            this.rest = rest;
        }
    }

    public Limits {
        if (signal.isBlank() || !(warning > unit.rest) || !(limit >= warning) || !(trips >= limit)) {
            throw new IllegalArgumentException("a signal has a name, and its rest < warning <= limit <= trips");
        }
        if (every.isNegative() || every.isZero() || memory.isNegative()) {
            throw new IllegalArgumentException("a signal is read again and again");
        }
    }

    /** Something that is on or off: while it is on, nothing is written. */
    public static Limits flag(String signal, Duration every) {
        return new Limits(signal, Unit.FLAG, 1, 1, every, Duration.ZERO);
    }

    /**
     * Under this there is room to go faster: half of the way to the warning level, or, where nothing slows the run before
     * its limit, that.
     */
    double calm() {
        return warning < limit ? (rest() + warning) / 2 : limit;
    }

    /**
     * The value that leaves all room to go faster. A machine is there to be used: at three fifths of its warning level
     * nothing is the matter with it.
     */
    private double rest() {
        return unit == Unit.LOAD || unit == Unit.OPERATIONS ? 0.6 * warning : unit.rest;
    }

    /** How far a value is under {@link #calm}: 1 at rest, 0 or less from there on; where nothing slows the run before its limit 1. */
    double room(double value) {
        if (warning == limit) {
            return value < limit ? 1 : 0;
        }
        return Math.min(1, (calm() - value) / (calm() - rest()));
    }

    /** Both levels in words: `slower from 1 s on, waits from 2 s on`. */
    String levels() {
        String waits = "waits from " + words(limit) + " on";
        return warning < limit ? "slower from " + words(warning) + " on, " + waits : waits;
    }

    /** A value with its unit: `2.4 s`. */
    String words(double value) {
        if (unit == Unit.BYTES) {
            double size = value / MB;
            return size < 1024 ? number(size) + unit.label : number(size / 1024) + " GB";
        }
        return (unit == Unit.TIMES ? toTheHundredth(value) : number(value)) + unit.label;
    }

    private static String number(double value) {
        boolean whole = value == Math.rint(value);
        return String.format(Locale.ROOT, whole ? "%.0f" : "%.1f", value);
    }

    /** What is nothing is 1, and a level may be 1.13. */
    private static String toTheHundredth(double value) {
        return String.format(Locale.ROOT, "%.2f", value).replaceFirst("\\.?0+$", "");
    }
}
