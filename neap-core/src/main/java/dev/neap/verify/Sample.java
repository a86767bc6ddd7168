package dev.neap.verify;

/**
 * What a random sample says of all rows.
 *
 * @param rows how many were picked
 * @param mismatches how many of them differ
 * @param match the claim: the share of all rows that are right, over 0 and under 1
 * @param confidence how often such a claim must hold, over 0 and under 1
 * @param low with this confidence no smaller share of all rows is right
 * @param high with this confidence no larger one
 */
public record Sample(long rows, long mismatches, double match, double confidence, double low, double high) {
    static Sample of(long rows, long mismatches, double match, double confidence) {
        return new Sample(
                rows,
                mismatches,
                match,
                confidence,
                1 - ClopperPearson.upper(mismatches, rows, confidence),
                1 - ClopperPearson.lower(mismatches, rows, confidence));
    }

    /**
     * How many rows must be picked for the claim to hold when none of them differs: were the share of right rows just too
     * small, so many would all be right in fewer cases than the confidence leaves.
     */
    static int rowsFor(double match, double confidence) {
        return (int) Math.ceil(Math.log(1 - confidence) / Math.log(match));
    }

    /** Whether the claim holds. */
    public boolean holds() {
        return low >= match;
    }
}
