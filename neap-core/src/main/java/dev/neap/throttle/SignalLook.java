package dev.neap.throttle;

import org.jspecify.annotations.Nullable;

/**
 * What one signal says before a run, and what the run would make of it.
 *
 * @param signal its name, for people
 * @param level how its value stands to its levels
 * @param value in its unit; null where there is none
 * @param unit what is counted
 * @param warning from here on the run goes slower
 * @param limit from here on nothing is written
 * @param now the value with its unit, and whose it is, in words; where there is none, why
 * @param levels both levels in words; empty for what is on or off
 */
public record SignalLook(
        String signal,
        Level level,
        @Nullable Double value,
        Limits.Unit unit,
        double warning,
        double limit,
        String now,
        String levels) {
    /** How a value stands to its levels. */
    public enum Level {
        /** Under the warning level. */
        WELL,
        /** At the warning level, or over it. */
        WARNING,
        /** At the limit, or over it. */
        LIMIT,
        /** There is no value. */
        SILENT
    }

    /** What is told of a reading. */
    public static SignalLook of(Limits limits, Reading reading) {
        boolean flag = limits.unit() == Limits.Unit.FLAG;
        return new SignalLook(
                limits.signal(),
                level(limits, reading),
                reading.missed() ? null : (Double) reading.value(),
                limits.unit(),
                limits.warning(),
                limits.limit(),
                now(limits, reading),
                flag ? "" : limits.levels());
    }

    private static Level level(Limits limits, Reading reading) {
        if (reading.missed()) {
            return Level.SILENT;
        }
        if (reading.value() >= limits.limit()) {
            return Level.LIMIT;
        }
        return reading.value() >= limits.warning() ? Level.WARNING : Level.WELL;
    }

    private static String now(Limits limits, Reading reading) {
        if (reading.missed()) {
            return "no value: " + reading.missing();
        }
        if (limits.unit() == Limits.Unit.FLAG) {
            String is = reading.value() >= limits.limit() ? "on" : "off";
            return reading.about().isEmpty() ? is : is + ": " + reading.about();
        }
        String value = limits.words(reading.value());
        return reading.about().isEmpty() ? value : value + ", " + reading.about();
    }
}
