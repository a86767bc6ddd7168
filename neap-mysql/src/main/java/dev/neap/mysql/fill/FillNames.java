package dev.neap.mysql.fill;

import java.util.List;

/** What the objects of one fill are called: all in the database `neap`, but for three triggers on the walked table. */
public record FillNames(long run) {
    /** The key columns of the changes are called `neap_k0`, `neap_k1`, …: no column of a user's table is meant by them. */
    static final String KEY_PREFIX = "neap_k";
    /** Columns of a row as it was before a change. */
    private static final String WAS_PREFIX = "neap_w_";

    /** The column of the changes that has a column of the walked table as it was. */
    static String was(String column) {
        return WAS_PREFIX + column;
    }

    /** The table of changes. */
    public String changes() {
        return "neap.fill_changes_" + run;
    }

    /** The sequence that numbers the changes. */
    String sequence() {
        return "neap.fill_seq_" + run;
    }

    /** How many changes may be recorded: a sequence, as its value is the same for every snapshot. */
    String limit() {
        return "neap.fill_limit_" + run;
    }

    /** The dead-man's switch: until when changes are recorded, in seconds since 1970. */
    String aliveUntil() {
        return "neap.fill_alive_" + run;
    }

    /** @param event `i`, `u` or `d` */
    String trigger(String event) {
        return "neap_fill_" + run + "_" + event;
    }

    /** Drops what is left of capture once the triggers are gone. */
    public List<String> dropRest() {
        return List.of(
                "DROP TABLE IF EXISTS " + changes(),
                "DROP SEQUENCE IF EXISTS " + sequence(),
                "DROP SEQUENCE IF EXISTS " + limit(),
                "DROP SEQUENCE IF EXISTS " + aliveUntil());
    }

    /**
     * A statement that needs a table for itself. While it waits for that, everybody else queues behind it, and
     * `lock_wait_timeout` counts whole seconds: the statement's own time is what ends it sooner.
     */
    public static String briefly(String sql) {
        return "SET STATEMENT max_statement_time = 0.5 FOR " + sql;
    }
}
