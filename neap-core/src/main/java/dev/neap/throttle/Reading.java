package dev.neap.throttle;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a signal said when it was asked: a number, or why there is none.
 *
 * @param value zero or more, in the signal's unit; 0 where there is none
 * @param about whose value it is, such as the name of a replica, or why a flag is on; empty where there is nothing to say
 * @param missing why there is no value; empty where there is one
 */
public record Reading(double value, String about, String missing) {
    /** A value; one that is no number, endless or negative is none. */
    public static Reading of(double value, String about) {
        return Double.isFinite(value) && value >= 0
                ? new Reading(value, about, "")
                : none("it said " + value + ", which is no measure");
    }

    /**
     * What a query of the user's yields: one number, or it is no value.
     *
     * @param values the first column of every row, as text
     */
    public static Reading ofQuery(List<@Nullable String> values) {
        String value = values.size() == 1 ? values.get(0) : null;
        if (value == null) {
            return none(
                    "its query yields " + (values.size() == 1 ? "null" : values.size() + " rows") + ", not one number");
        }
        try {
            return of(Double.parseDouble(value), "");
        } catch (NumberFormatException e) {
            return none("its query yields '" + value + "', which is no number");
        }
    }

    /** No value, and why, in words for a person. */
    public static Reading none(String why) {
        return new Reading(0, "", why);
    }

    /** Whether there is no value. */
    public boolean missed() {
        return !missing.isEmpty();
    }
}
