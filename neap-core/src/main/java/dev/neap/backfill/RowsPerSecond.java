package dev.neap.backfill;

/**
 * A speed.
 *
 * @param rows rows per second, at least 1
 */
public record RowsPerSecond(long rows) {
    public RowsPerSecond {
        if (rows < 1) {
            throw new IllegalArgumentException("a rate is at least 1 row/s, not " + rows);
        }
    }

    @Override
    public String toString() {
        return rows + " rows/s";
    }
}
