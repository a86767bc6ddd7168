package dev.neap.postgres.fill;

/** The session's tables for what a transform in Java made: emptied by every commit. */
final class Staged {
    private static final String SCHEMA = "pg_temp.";

    /** Of rows as they are now. */
    static final String MADE = SCHEMA + "neap_made";
    /** Of rows as they were before a captured change. */
    static final String BEFORE = SCHEMA + "neap_before";

    private Staged() {}

    /** The same statement about queries of these names, where there are no tables. */
    static String standing(String sql) {
        return sql.replace(MADE, name(MADE)).replace(BEFORE, name(BEFORE));
    }

    static String name(String table) {
        return table.substring(SCHEMA.length());
    }

    /** A value, in either of them. */
    static String value(int column) {
        return "made.neap_v" + column;
    }
}
