package dev.neap.postgres.rebuild;

import dev.neap.backfill.TableName;
import dev.neap.postgres.query.Names;

/**
 * What the objects of one unit are called. Shadows and kept partitions keep the partition's own name and live in schemas
 * of the run, so that a swap needs no renames; everything of capture lives in the schema `neap`.
 *
 * @param run the run's id
 * @param unit the unit's id
 * @param live the live partition
 */
public record UnitNames(long run, long unit, TableName live) {
    /** The key columns of the changes are called `neap_k0`, `neap_k1`, …: no column of a live table is meant by them. */
    static final String KEY_PREFIX = "neap_k";

    /** Where shadows of a run are built. */
    public static String workSchema(long run) {
        return "neap_work_" + run;
    }

    /** Where replaced partitions of a run are kept. */
    public static String keptSchema(long run) {
        return "neap_kept_" + run;
    }

    /** The dead-man's switch of a run: a sequence, since its value is the same for every snapshot. */
    public static String aliveUntil(long run) {
        return "neap.alive_until_" + run;
    }

    String liveTable() {
        return Names.quote(live);
    }

    String shadow() {
        return Names.quote(shadowName());
    }

    TableName shadowName() {
        return new TableName(workSchema(run), live.name());
    }

    /** An unlogged table beside the unlogged shadow of a merge: a crash of the server empties both. */
    String witness() {
        return Names.quote(new TableName(workSchema(run), "neap_witness_" + unit));
    }

    String kept() {
        return Names.quote(new TableName(keptSchema(run), live.name()));
    }

    String aliveUntil() {
        return aliveUntil(run);
    }

    String changes() {
        return "neap.changes_" + unit;
    }

    String changesSequence() {
        return "neap.changes_" + unit + "_seq";
    }

    String captureFunction() {
        return "neap.capture_" + unit + "()";
    }

    String rowTrigger() {
        return "neap_capture_" + unit;
    }

    String truncateTrigger() {
        return "neap_capture_" + unit + "_truncate";
    }
}
