package dev.neap.plan;

/**
 * What a server's planner knows of a table, and when it learned it.
 *
 * @param rows rows as it believes, zero or more; negative where it was never told
 * @param changed rows inserted, updated or deleted since it was told
 * @param told whether it is known that it was ever told
 * @param pagesThen the table's size when it was told
 * @param pagesNow the table's size
 */
public record TableStatistics(long rows, long changed, boolean told, long pagesThen, long pagesNow) {
    /** A few changed rows of a small table are no reason. */
    private static final long FEWEST = 50;

    private static final long FEWEST_PAGES = 10;

    /** Whether it is worth its while to tell it anew: a tenth of the rows, as autovacuum has it, or twice the size. */
    public boolean old() {
        return rows < 0
                || !told
                || changed > FEWEST + rows / 10
                || pagesNow > 2 * pagesThen + FEWEST_PAGES
                || pagesThen > 2 * pagesNow + FEWEST_PAGES;
    }
}
