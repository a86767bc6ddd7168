package dev.neap.plan;

import dev.neap.backfill.TableName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One partition or segment of a plan, its bound frozen.
 *
 * @param position its place in the order, from 1
 * @param partition the live partition; for a segment the walked table with the segment's number
 * @param bound the bound as the engine spells it, UTC and ISO: `FOR VALUES FROM (…) TO (…)`, or `DEFAULT`
 * @param rowsEstimated rows, from statistics or a count, zero or more
 * @param tableBytes bytes of the rows, with large values out of line
 * @param indexBytes bytes of its indexes
 * @param segment the part of the key that a fill walks; null for a partition
 */
public record PlannedUnit(
        int position,
        TableName partition,
        String bound,
        long rowsEstimated,
        long tableBytes,
        long indexBytes,
        @Nullable Segment segment) {
    /**
     * A part of a key, its values as text, one for each column of the key.
     *
     * @param part of several fills the one that it belongs to, from 1
     * @param after it begins after this key; null where it has no beginning
     * @param upTo it ends with this key
     */
    public record Segment(int part, @Nullable List<String> after, List<String> upTo) {
        public Segment {
            after = after == null ? null : List.copyOf(after);
            upTo = List.copyOf(upTo);
        }
    }

    /** A partition. */
    public PlannedUnit(
            int position, TableName partition, String bound, long rowsEstimated, long tableBytes, long indexBytes) {
        this(position, partition, bound, rowsEstimated, tableBytes, indexBytes, null);
    }
}
