package dev.neap.throttle;

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

    /** No value, and why, in words for a person. */
    public static Reading none(String why) {
        return new Reading(0, "", why);
    }

    /** Whether there is no value. */
    public boolean missed() {
        return !missing.isEmpty();
    }
}
