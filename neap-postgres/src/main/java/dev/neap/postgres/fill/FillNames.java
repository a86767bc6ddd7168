package dev.neap.postgres.fill;

import dev.neap.postgres.rebuild.UnitNames;

/** What the objects of one fill are called: all of them in the schema `neap`, and two triggers on the walked table. */
record FillNames(long run) {
    /** The key columns of the changes are called `neap_k0`, `neap_k1`, …: no column of a user's table is meant by them. */
    static final String KEY_PREFIX = "neap_k";

    /** The first of an advisory lock's two numbers: "NEAF" in ASCII. */
    private static final int NEAF = 0x4E454146;

    String changes() {
        return "neap.fill_changes_" + run;
    }

    String sequence() {
        return changes() + "_seq";
    }

    /** How many changes may be recorded: a sequence, as its value is the same for every snapshot. */
    String limit() {
        return changes() + "_limit";
    }

    String function() {
        return "neap.fill_capture_" + run + "()";
    }

    String rowTrigger() {
        return "neap_fill_" + run;
    }

    String truncateTrigger() {
        return rowTrigger() + "_truncate";
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
