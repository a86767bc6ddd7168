package dev.neap.postgres.rebuild;

import dev.neap.backfill.TableName;
import dev.neap.control.UnitRow;
import dev.neap.postgres.query.Names;

/**
 * What the objects of one unit are called. Shadows and kept partitions keep the partition's own name and live in schemas
 * of the run, so that a swap needs no renames; everything of capture lives in the schema `neap`.
 *
 * @param unit the id of the unit whose capture it is
 * @param live the live partition
 * @param work the schema of the shadow
 * @param kept the schema where the replaced partition goes
 * @param aliveUntil the dead-man's switch of the capture, qualified
 * @param forUndo whether it is the capture that begins with a swap, so that the swap can be undone
 */
public record UnitNames(long unit, TableName live, String work, String kept, String aliveUntil, boolean forUndo) {
    /** The key columns of the changes are called `neap_k0`, `neap_k1`, …: no column of a live table is meant by them. */
    static final String KEY_PREFIX = "neap_k";

    /**
     * A rebuild's.
     *
     * @param run the run's id
     * @param unit the unit's id
     */
    public UnitNames(long run, long unit, TableName live) {
        this(unit, live, workSchema(run), keptSchema(run), aliveUntil(run), false);
    }

    /**
     * An undo's: its shadow is the partition that the other unit kept, its changes are what was recorded since that unit's
     * swap.
     */
    static UnitNames undo(long run, long ofRun, long ofUnit, TableName live) {
        return new UnitNames(ofUnit, live, keptSchema(ofRun), keptSchema(run), undoUntil(ofRun), true);
    }

    /** What is recorded from this unit's swap on, so that it can be undone. */
    static UnitNames afterSwap(long run, long unit, TableName live) {
        return new UnitNames(unit, live, workSchema(run), keptSchema(run), undoUntil(run), true);
    }

    /** Where shadows of a run are built. */
    public static String workSchema(long run) {
        return "neap_work_" + run;
    }

    /** Where replaced partitions of a run are kept. */
    public static String keptSchema(long run) {
        return "neap_kept_" + run;
    }

    /** What a unit's session is called on the server. */
    public static String session(UnitRow unit) {
        return sessions(unit.runId()) + unit.position();
    }

    /**
     * The same while it writes rows that the application writes too: the server shows it, so that who waits for them is
     * known from who waits for something else.
     */
    static String writing(UnitRow unit) {
        return session(unit) + " writes";
    }

    /** How the names of the sessions of a run's units begin. */
    static String sessions(long run) {
        return "neap run " + run + " unit ";
    }

    /** The dead-man's switch of a run: a sequence, since its value is the same for every snapshot. */
    public static String aliveUntil(long run) {
        return "neap.alive_until_" + run;
    }

    /** The same for what is recorded after its swaps. */
    public static String undoUntil(long run) {
        return "neap.undo_until_" + run;
    }

    String liveTable() {
        return Names.quote(live);
    }

    String shadow() {
        return Names.quote(shadowName());
    }

    TableName shadowName() {
        return new TableName(work, live.name());
    }

    /** An unlogged table beside the unlogged shadow of a merge: a crash of the server empties both. */
    String witness() {
        return Names.quote(new TableName(work, "neap_witness_" + unit));
    }

    String changes() {
        return "neap." + (forUndo ? "undo_" : "changes_") + unit;
    }

    String changesSequence() {
        return changes() + "_seq";
    }

    String captureFunction() {
        return "neap." + captureName() + "()";
    }

    /** The function's name alone. */
    String captureName() {
        return (forUndo ? "undo_" : "capture_") + unit;
    }

    String rowTrigger() {
        return "neap_" + captureName();
    }

    String truncateTrigger() {
        return rowTrigger() + "_truncate";
    }
}
