package dev.neap.backfill;

import java.util.List;

/**
 * A recompute that does not go row by row over the live partition: one SELECT over other tables yields all its rows.
 *
 * @param sql the SELECT as written, with `:lower` and `:upper` for the bound of a partition
 * @param reads every table that it reads, at least one
 * @param missing what becomes of rows that it does not yield
 */
public record SourceRecompute(String sql, List<TableName> reads, MissingInSource missing) {
    public SourceRecompute {
        if (sql.isBlank() || reads.isEmpty()) {
            throw new IllegalArgumentException("a recompute is a SELECT and the tables that it reads");
        }
        reads = List.copyOf(reads);
    }

    /** Whether rows that the source lacks stay. */
    public boolean keeps() {
        return missing == MissingInSource.KEEP;
    }
}
