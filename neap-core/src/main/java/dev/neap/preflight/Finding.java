package dev.neap.preflight;

/**
 * What a preflight check saw.
 *
 * @param severity whether a run may start
 * @param check the check's name, in kebab case
 * @param what what was seen, with names
 * @param why why it matters
 * @param fix the statement or the change that mends it
 */
public record Finding(Severity severity, String check, String what, String why, String fix) {
    /** How much it matters. */
    public enum Severity {
        /** The run is refused. */
        ERROR,
        /** The run may start; a person should know. */
        WARNING,
        /** Good to know. */
        NOTE
    }

    public static Finding error(String check, String what, String why, String fix) {
        return new Finding(Severity.ERROR, check, what, why, fix);
    }

    public static Finding warning(String check, String what, String why, String fix) {
        return new Finding(Severity.WARNING, check, what, why, fix);
    }

    public static Finding note(String check, String what, String why) {
        return new Finding(Severity.NOTE, check, what, why, "");
    }
}
