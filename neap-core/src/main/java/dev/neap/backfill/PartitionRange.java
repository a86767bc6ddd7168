package dev.neap.backfill;

import org.jspecify.annotations.Nullable;

/**
 * Which partitions of the table are rebuilt, and in which order.
 *
 * @param from partitions whose lower bound is at or after this, in the partition key's own type; null for all
 * @param to partitions whose upper bound is at or before this; null for all
 * @param order the order of the units
 */
public record PartitionRange(
        @Nullable String from, @Nullable String to, Order order) {
    /** The order in which partitions are rebuilt. */
    public enum Order {
        NEWEST_FIRST,
        OLDEST_FIRST
    }

    /** Every partition, newest first. */
    public static PartitionRange all() {
        return new PartitionRange(null, null, Order.NEWEST_FIRST);
    }
}
