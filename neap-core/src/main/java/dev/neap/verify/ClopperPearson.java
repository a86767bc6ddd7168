package dev.neap.verify;

/**
 * Bounds of the share of all rows, from how many of a random sample were counted: the exact ones of C. J. Clopper and E. S.
 * Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26 (1934),
 * 404-413. They hold however small the share is, also where none or all of the sample were counted.
 */
final class ClopperPearson {
    /** Halving 0 to 1 so often leaves less than what a double can tell apart. */
    private static final int HALVINGS = 60;

    /** A term is left off that changes no digit of a sum, and a sum that another one is nothing beside is all. */
    private static final double NOTHING = 1e-18;

    private static final double EVERYTHING = 1e200;

    private ClopperPearson() {}

    /**
     * The share that is not exceeded, with this confidence.
     *
     * @param count rows counted, 0 to `of`
     * @param of rows of the sample, at least 1
     * @param confidence over 0 and under 1
     */
    static double upper(long count, long of, double confidence) {
        return count == of ? 1 : bisect(count, of, 1 - confidence);
    }

    /** The share that is reached at least, with this confidence. */
    static double lower(long count, long of, double confidence) {
        return count == 0 ? 0 : bisect(count - 1, of, confidence);
    }

    /** The share at which a sample with at most so many counted rows is this likely. It is the less so, the larger it is. */
    private static double bisect(long count, long of, double likely) {
        double low = 0;
        double high = 1;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (atMost(count, of, middle) > likely) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    /**
     * How likely a sample is to have at most so many counted rows. The terms of the binomial distribution are summed from
     * this one on, down and up, as far as they matter, and in its measure: it may itself be too small for a double.
     */
    private static double atMost(long count, long of, double share) {
        double odds = share / (1 - share);
        double atMost = 1;
        double term = 1;
        for (long k = count; k > 0 && term > atMost * NOTHING; k--) {
            term *= k / ((of - k + 1) * odds);
            atMost += term;
            if (atMost > EVERYTHING) {
                return 1;
            }
        }
        double more = 0;
        term = 1;
        for (long k = count; k < of && term > more * NOTHING; k++) {
            term *= (of - k) * odds / (k + 1);
            more += term;
            if (more > EVERYTHING) {
                return 0;
            }
        }
        return atMost / (atMost + more);
    }
}
