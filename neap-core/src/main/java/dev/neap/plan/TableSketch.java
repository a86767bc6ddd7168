package dev.neap.plan;

import dev.neap.backfill.TableName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A live table as `neap init` needs it.
 *
 * @param table the table as the catalog spells it
 * @param columns its columns in order
 * @param key the columns by which a row is found again: the primary key, or a unique one; empty when there is none
 * @param partitionStrategy `range`, `list`, `hash`, or null when the table is not partitioned
 * @param partitionKey the partition key as SQL, empty when not partitioned
 * @param partitions how many leaf partitions it has
 * @param lowest the lowest bound as a bare literal; null when unbounded, or not of a RANGE over one column
 * @param highest the highest bound, likewise
 * @param rows rows from statistics; -1 when it has rows and was never analyzed
 */
public record TableSketch(
        TableName table,
        List<Column> columns,
        List<String> key,
        @Nullable String partitionStrategy,
        String partitionKey,
        int partitions,
        @Nullable String lowest,
        @Nullable String highest,
        long rows) {
    /** A column: its name, its SQL type, whether it is generated. */
    public record Column(String name, String type, boolean generated) {}
}
