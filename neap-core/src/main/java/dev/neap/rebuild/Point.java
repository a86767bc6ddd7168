package dev.neap.rebuild;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** The named moments of a run. Tests stop, kill or delay a run there; in production nothing happens at them. */
public enum Point {
    RUN_CREATED,
    UNIT_CLAIMED,
    BEFORE_SHADOW,
    AFTER_SHADOW,
    BEFORE_CAPTURE,
    AFTER_CAPTURE,
    BEFORE_LOAD_COMMIT,
    AFTER_LOAD_BATCH,
    AFTER_LOAD,
    BEFORE_DRAIN_COMMIT,
    AFTER_DRAIN,
    BEFORE_INDEX,
    BETWEEN_INDEXES,
    AFTER_INDEX,
    AFTER_VACUUM,
    BEFORE_VERIFY,
    AFTER_VERIFY,
    HELD,
    BEFORE_SWAP,
    BEFORE_TURN_OVER,
    LAST_DRAIN_COMMITTED,
    OLD_SNAPSHOTS_GONE,
    AFTER_SWAP,
    BEFORE_MERGE,
    BEFORE_MERGE_COMMIT,
    AFTER_MERGE_BATCH,
    BEFORE_MERGE_DONE,
    AFTER_MERGE,
    BEFORE_SETTLE,
    SETTLE_BATCH,
    AFTER_SETTLE,
    BEFORE_FILL_COMMIT,
    AFTER_FILL_BATCH,
    AFTER_FILL,
    BEFORE_RECONCILE_COMMIT,
    AFTER_RECONCILE,
    BEFORE_LOOK,
    AFTER_LOOK_PART,
    BEFORE_CAPTURE_ENDS,
    AFTER_CAPTURE_ENDS,
    RUN_FINISHING;

    /** Those that only a fill comes to. */
    public static final Set<Point> OF_A_FILL =
            Collections.unmodifiableSet(EnumSet.range(BEFORE_FILL_COMMIT, AFTER_CAPTURE_ENDS));
}
