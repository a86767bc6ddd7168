package dev.neap.rebuild;

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
    BEFORE_SWAP,
    WRITERS_HELD,
    LAST_DRAIN_COMMITTED,
    OLD_SNAPSHOTS_GONE,
    AFTER_SWAP,
    BEFORE_SETTLE,
    SETTLE_BATCH,
    AFTER_SETTLE,
    RUN_FINISHING
}
