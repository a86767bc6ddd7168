package dev.neap.backfill;

/** What a backfill does: one of two jobs. */
public sealed interface Strategy permits Rebuild, Fill, Fills {
    /** The table whose rows are written. */
    TableName table();
}
