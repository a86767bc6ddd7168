package dev.neap.backfill;

import org.jspecify.annotations.Nullable;

/**
 * Which partitions of the table are rebuilt, and in which order.
 *
 * @param from partitions that lie wholly at or after this, in the type of the partition key's first column; null for all
 * @param to partitions that lie wholly before this; null for all
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
