package dev.neap.backfill;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A rebuild of a partitioned table, row by row over its live rows.
 *
 * @param table the partitioned table
 * @param partitions which of its partitions, in which order
 * @param set column to SQL expression over the row's columns; at least one, in the file's order
 * @param alreadyRight a predicate that is true for rows in the new form; null when the recompute may be applied twice
 * @param applicationWrites which form the application writes by now
 * @param writes whether the application writes during the run
 * @param keepOld how long replaced partitions are kept before `cleanup` drops them, zero or more
 */
public record Rebuild(
        TableName table,
        PartitionRange partitions,
        Map<String, String> set,
        @Nullable String alreadyRight,
        ApplicationWrites applicationWrites,
        LiveWrites writes,
        Duration keepOld) {
    public Rebuild {
        if (set.isEmpty()) {
            throw new IllegalArgumentException("a rebuild sets at least one column");
        }
        if (keepOld.isNegative()) {
            throw new IllegalArgumentException("keep_old cannot be negative");
        }
        set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
    }
}
