package dev.neap.control;

import dev.neap.backfill.TableName;
import dev.neap.plan.Step;
import org.jspecify.annotations.Nullable;

/**
 * A unit as the control tables have it.
 *
 * @param state `pending`, `running`, `done`, `failed` or `skipped`
 * @param token the fencing token of its present or last owner
 * @param nextBlock the checkpoint: every block before it is in the shadow
 * @param endBlock the load ends before this block
 * @param restarts how often the unit went back to its load
 */
public record UnitRow(
        long id,
        long runId,
        int position,
        TableName partition,
        String bound,
        String state,
        Step step,
        long token,
        int attempts,
        int restarts,
        long liveOid,
        @Nullable String fingerprint,
        long nextBlock,
        long endBlock,
        long rowsEstimated,
        long rowsLoaded,
        long changesReplayed,
        boolean settled,
        boolean sweepAll) {}
