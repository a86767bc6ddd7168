package dev.neap.preview;

/**
 * How many rows of those looked at, and between which bounds the share of all rows of the unit lies.
 *
 * @param count rows, zero or more
 * @param share their part of the rows looked at, 0 to 1; 0 where there are none
 * @param low the lower bound of the part of all rows, 0 to 1; equal to `share` where every row was looked at
 * @param high the upper bound
 */
public record Share(long count, double share, double low, double high) {
    /** The 97.5 % point of the normal distribution: two bounds that miss in 5 % of all samples. */
    private static final double Z = 1.959964;

    /** A share of rows that were all looked at. */
    public static Share exact(long count, long of) {
        double share = part(count, of);
        return new Share(count, share, share, share);
    }

    /**
     * A share of a random sample, with bounds that hold for 95 % of all samples: the score interval of E. B. Wilson,
     * "Probable inference, the law of succession, and statistical inference", Journal of the American Statistical
     * Association 22 (1927), 209-212. Unlike the textbook's p ± z·√(p(1-p)/n) it also holds where none, or all, of the
     * rows were counted.
     *
     * @param of how many rows were looked at
     * @param effective how many rows picked one by one would say as much, see {@link Scope}; more than zero where `of` is
     */
    public static Share sampled(long count, long of, double effective) {
        if (of == 0) {
            return new Share(0, 0, 0, 1);
        }
        double p = part(count, of);
        double z2 = Z * Z;
        double middle = (p + z2 / (2 * effective)) / (1 + z2 / effective);
        double half = Z / (1 + z2 / effective) * Math.sqrt(p * (1 - p) / effective + z2 / (4 * effective * effective));
        // Rounding must not push the bounds past what was seen.
        return new Share(count, p, Math.max(0, Math.min(p, middle - half)), Math.min(1, Math.max(p, middle + half)));
    }

    private static double part(long count, long of) {
        return of == 0 ? 0 : (double) count / of;
    }
}
