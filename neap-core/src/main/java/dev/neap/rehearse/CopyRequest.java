package dev.neap.rehearse;

import java.util.Set;

/**
 * How much is copied, and what is left out.
 *
 * @param rowsPerPartition the most rows of one partition, at least 1
 * @param mostRows the most rows of the rebuilt table, and again of all other tables, at least 1
 * @param mostPartitions the most partitions, at least 1
 * @param omitted columns whose values are not read: `column` of the rebuilt table, or `table.column`
 */
public record CopyRequest(int rowsPerPartition, int mostRows, int mostPartitions, Set<String> omitted) {
    public static final int ROWS_PER_PARTITION = 2_000;
    public static final int MOST_ROWS = 100_000;
    public static final int MOST_PARTITIONS = 50;

    public CopyRequest {
        if (rowsPerPartition < 1 || mostRows < 1 || mostPartitions < 1) {
            throw new IllegalArgumentException("a copy has at least one row of one partition");
        }
        omitted = Set.copyOf(omitted);
    }
}
