package dev.neap.control;

/**
 * Units of a run by state, and sums over them.
 *
 * @param rowsDone rows of units that are done
 * @param rowsLoaded the same, and what a checkpoint has of those that are not
 */
public record RunTotals(
        int pending,
        int running,
        int done,
        int failed,
        int skipped,
        int unsettled,
        int held,
        long rowsEstimated,
        long rowsDone,
        long rowsLoaded,
        long rowsMended) {
    /** All units that the run has, but for those that an earlier run had done. */
    public int units() {
        return pending + running + held + done + failed;
    }
}
