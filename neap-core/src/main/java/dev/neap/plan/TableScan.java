package dev.neap.plan;

import org.jspecify.annotations.Nullable;

/**
 * How one statement gets at the rows of one table.
 *
 * @param table `schema.name`; of a partitioned table one partition
 * @param alias its name within the statement
 * @param how the server's word for it, such as `Index Scan`
 * @param index the index that is used; null for none
 * @param whole whether the table, or its index, is read from end to end
 * @param forEachRow whether that is done again for each row of the statement, and not once
 * @param tableRows rows of the table, estimated, zero or more; 0 where it is not read whole
 * @param tableBytes its size; 0 where it is not read whole
 * @param columns the columns of it that the statement compares with `=`, as SQL, with commas between; may be empty
 */
public record TableScan(
        String table,
        String alias,
        String how,
        @Nullable String index,
        boolean whole,
        boolean forEachRow,
        long tableRows,
        long tableBytes,
        String columns) {
    /** A smaller table is read in a few milliseconds. */
    private static final long LARGE_BYTES = 8L * 1024 * 1024;

    private static final long LARGE_FOR_EACH_ROW_BYTES = 1024 * 1024;
    /** Of a larger part than one in so many a statement touches most of the pages anyway, and reading them all is right. */
    private static final long PART = 100;

    /**
     * Whether a large table is read whole for a small part of it.
     *
     * @param rows how many rows the statement is about
     */
    public boolean tooMuch(long rows) {
        return whole
                && tableBytes >= (forEachRow ? LARGE_FOR_EACH_ROW_BYTES : LARGE_BYTES)
                && tableRows > PART * (forEachRow ? 1 : rows);
    }
}
