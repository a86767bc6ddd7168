package dev.neap.postgres.fill;

/** The session's tables for what a transform in Java made: emptied by every commit. */
final class Staged {
    /** Of rows as they are now. */
    static final String MADE = "pg_temp.neap_made";
    /** Of rows as they were before a captured change. */
    static final String BEFORE = "pg_temp.neap_before";

    private Staged() {}

    /** A value, in either of them. */
    static String value(int column) {
        return "made.neap_v" + column;
    }
}
