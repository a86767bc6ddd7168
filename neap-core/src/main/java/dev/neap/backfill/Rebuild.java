package dev.neap.backfill;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A rebuild of a partitioned table: row by row over its live rows, or from other tables.
 *
 * @param table the partitioned table
 * @param partitions which of its partitions, in which order
 * @param set column to SQL expression over the row's columns, in the file's order; none where every row stays as it is,
 *     or comes from other tables
 * @param alreadyRight a predicate that is true for rows in the new form; null when the recompute may be applied twice
 * @param applicationWrites which form the application writes by now
 * @param writes whether the application writes during the run
 * @param keepOld how long replaced partitions are kept before `cleanup` drops them, zero or more
 * @param cutover how a shadow becomes what readers see
 * @param hours the hours in which a swap or a merge may begin; null for any, or for none while it is held
 * @param source where the rows come from instead; null when they are recomputed row by row
 */
public record Rebuild(
        TableName table,
        PartitionRange partitions,
        Map<String, String> set,
        @Nullable String alreadyRight,
        ApplicationWrites applicationWrites,
        LiveWrites writes,
        Duration keepOld,
        Cutover cutover,
        @Nullable Hours hours,
        @Nullable SourceRecompute source)
        implements Strategy {
    public Rebuild {
        if (source != null && (!set.isEmpty() || cutover == Cutover.MERGE)) {
            throw new IllegalArgumentException("what comes from other tables does not go row by row");
        }
        if (keepOld.isNegative()) {
            throw new IllegalArgumentException("keep_old cannot be negative");
        }
        set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
    }

    /** One that swaps. */
    public Rebuild(
            TableName table,
            PartitionRange partitions,
            Map<String, String> set,
            @Nullable String alreadyRight,
            ApplicationWrites applicationWrites,
            LiveWrites writes,
            Duration keepOld) {
        this(table, partitions, set, alreadyRight, applicationWrites, writes, keepOld, Cutover.SWAP);
    }

    /** One that goes row by row, without hours. */
    public Rebuild(
            TableName table,
            PartitionRange partitions,
            Map<String, String> set,
            @Nullable String alreadyRight,
            ApplicationWrites applicationWrites,
            LiveWrites writes,
            Duration keepOld,
            Cutover cutover) {
        this(table, partitions, set, alreadyRight, applicationWrites, writes, keepOld, cutover, null, null);
    }

    /** The same with another cutover. */
    public Rebuild with(Cutover other) {
        return new Rebuild(
                table, partitions, set, alreadyRight, applicationWrites, writes, keepOld, other, hours, source);
    }

    /** The same in these hours; null for any. */
    public Rebuild with(@Nullable Hours other) {
        return new Rebuild(
                table, partitions, set, alreadyRight, applicationWrites, writes, keepOld, cutover, other, source);
    }

    /** Whether the differences are merged into the live partitions, which then stay where they are. */
    public boolean merges() {
        return cutover == Cutover.MERGE;
    }

    /** Whether rows that arrive in a done partition in the old form can be recomputed there, one by one. */
    public boolean mends() {
        return writes == LiveWrites.CAPTURE && source == null;
    }
}
