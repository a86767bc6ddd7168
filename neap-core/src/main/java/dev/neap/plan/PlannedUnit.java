package dev.neap.plan;

import dev.neap.backfill.TableName;

/**
 * One partition of a plan, its bound frozen.
 *
 * @param position its place in the order, from 1
 * @param partition the live partition
 * @param bound the bound as the engine spells it, UTC and ISO: `FOR VALUES FROM (…) TO (…)`, or `DEFAULT`
 * @param rowsEstimated rows, from statistics or a count, zero or more
 * @param tableBytes bytes of the rows, with large values out of line
 * @param indexBytes bytes of its indexes
 */
public record PlannedUnit(
        int position, TableName partition, String bound, long rowsEstimated, long tableBytes, long indexBytes) {}
