package dev.neap.preview;

/**
 * How much of a unit was looked at.
 *
 * @param full whether it was every row
 * @param rowsLooked rows looked at
 * @param rowsEstimated rows of the unit, from the plan; `rowsLooked` where that was every row
 * @param effectiveRows how many rows picked one by one would say as much. Random pages are read, and random rows of them
 *     are taken. Rows of one page may be alike, and at worst say no more than one row: L. Kish, "Survey Sampling" (1965),
 *     gives (Σm)²/Σm² for m rows of each page. Never more than `rowsLooked`
 */
public record Scope(boolean full, long rowsLooked, long rowsEstimated, double effectiveRows) {
    /** How many of the rows looked at, with its bounds. */
    public Share share(long count) {
        return full ? Share.exact(count, rowsLooked) : Share.sampled(count, rowsLooked, effectiveRows);
    }
}
