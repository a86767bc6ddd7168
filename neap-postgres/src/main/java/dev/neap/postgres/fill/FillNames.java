package dev.neap.postgres.fill;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.rebuild.UnitNames;
import java.util.List;

/**
 * What the objects of one fill are called: all of them in the schema `neap`, and two triggers on the walked table.
 *
 * @param part of several fills of a run the one that it is about, from 1
 * @param place what stands before the name of an object that is a table in the run: the schema and a dot
 */
public record FillNames(long run, int part, String place) {
    /** The key columns of the changes are called `neap_k0`, `neap_k1`, …: no column of a user's table is meant by them. */
    static final String KEY_PREFIX = "neap_k";

    private static final String CONTROL = "neap.";
    private static final String STAND_IN = "neap_";

    /** The first of an advisory lock's two numbers: "NEAF" in ASCII. */
    private static final int NEAF = 0x4E454146;

    /** Those of a run. */
    public FillNames(long run, int part) {
        this(run, part, CONTROL);
    }

    /** Of no run: the same objects, for one session and its eyes alone. */
    static FillNames temporary() {
        return new FillNames(0, 1, "pg_temp.");
    }

    /** Of no run: what is not there is explained by queries of these names, which stand in its place. */
    static FillNames standIns() {
        return new FillNames(0, 1, STAND_IN);
    }

    /** Whether the control tables have something to say of it: they need not be there yet where it is no run's. */
    boolean controlled() {
        return place.equals(CONTROL);
    }

    private String id() {
        return part == 1 ? String.valueOf(run) : run + "_" + part;
    }

    /** Rows of the control tables that belong to this fill alone. */
    String mine(String alias) {
        return alias + ".run_id = " + run + " AND " + alias + ".part = " + part;
    }

    /** Says that what this transaction writes is the fill's own. */
    String recordBatch() {
        return "INSERT INTO neap.batch (run_id, part, xid) VALUES (" + run + ", " + part
                + ", pg_current_xact_id()::xid)";
    }

    /** The table of changes. */
    public String changes() {
        return place + "fill_changes_" + id();
    }

    /** The transactions that wrote. */
    String wrote() {
        return place + "batch";
    }

    String sequence() {
        return changes() + "_seq";
    }

    /** How many changes may be recorded: a sequence, as its value is the same for every snapshot. */
    String limit() {
        return changes() + "_limit";
    }

    String function() {
        return place + "fill_capture_" + id() + "()";
    }

    /** Makes of a row of the walked table, as it was, what the fill would have written. */
    String was() {
        // A function cannot be a query: another one takes its place that is there.
        return place.equals(STAND_IN) ? "pg_catalog.to_jsonb" : place + "fill_was_" + id();
    }

    /** The function of the trigger that stands in for the application. */
    String dualFunction() {
        return place + "dual_" + id() + "()";
    }

    /** The trigger that stands in for the application, beside that for TRUNCATE. */
    public String dualTrigger() {
        return "neap_dual_" + id();
    }

    /** The trigger for rows. */
    public String rowTrigger() {
        return "neap_fill_" + id();
    }

    String truncateTrigger() {
        return rowTrigger() + "_truncate";
    }

    /** Takes the triggers off one table. A partition's own go with its table's, but for that of TRUNCATE. */
    public List<String> dropTriggers(String table) {
        return dropTriggers(rowTrigger(), table);
    }

    private static List<String> dropTriggers(String trigger, String table) {
        return List.of(
                "DROP TRIGGER IF EXISTS " + trigger + "_truncate ON " + table,
                "DO $neap$ BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = "
                        + Names.literal(table) + "::regclass AND t.tgname = '" + trigger
                        + "' AND t.tgparentid = 0) THEN DROP TRIGGER " + trigger + " ON " + table
                        + "; END IF; END $neap$");
    }

    /** Takes the one that stands in for the application off one table. */
    public List<String> dropDual(String table) {
        return dropTriggers(dualTrigger(), table);
    }

    /** Drops its function once it is gone. */
    public String dropDualFunction() {
        return "DROP FUNCTION IF EXISTS " + dualFunction();
    }

    /** Drops what is left of capture once the triggers are gone. */
    public List<String> dropRest() {
        return List.of(
                "DROP FUNCTION IF EXISTS " + function(),
                "DROP FUNCTION IF EXISTS " + was() + "(json)",
                "DROP TABLE IF EXISTS " + changes(),
                "DROP SEQUENCE IF EXISTS " + sequence(),
                "DROP SEQUENCE IF EXISTS " + limit());
    }

    /** The dead-man's switch. */
    String aliveUntil() {
        return UnitNames.aliveUntil(run);
    }

    /** The numbers of the lock that every batch shares, and that waits for all of them when it is wanted alone. */
    String batches() {
        return NEAF + ", " + (int) run;
    }
}
