package dev.neap.bench.invisible;

import java.util.OptionalLong;

/**
 * Looks for the highest fixed rate that an application does not feel more than is allowed: doubles or halves the rate until
 * one is allowed and one is not, and then goes to the middle of the two.
 */
final class RateSearch {
    /** Nearer than this no measurement tells them apart. */
    private static final double NEAR = 1.2;
    /** A rate of which less than this share was reached is more than the work can do. */
    private static final double REACHED = 0.8;

    private final double mostRatio;
    private final long first;
    private int left;
    private long allowed;
    private long refused = Long.MAX_VALUE;
    private boolean free;
    private long best;

    /**
     * @param first where it begins, in rows per second, at least 1
     * @param mostRatio the most times as long that the slowest request in a hundred may take
     * @param steps how many rates are tried at most
     */
    RateSearch(long first, double mostRatio, int steps) {
        this.first = first;
        this.mostRatio = mostRatio;
        this.left = steps;
    }

    /** The rate to try now; empty when it has been found as well as it can be. */
    OptionalLong next() {
        if (left == 0 || free || (allowed > 0 && (double) refused / allowed < NEAR)) {
            return OptionalLong.empty();
        }
        if (allowed == 0) {
            long lower = refused == Long.MAX_VALUE ? first : refused / 2;
            return lower == 0 ? OptionalLong.empty() : OptionalLong.of(lower);
        }
        return OptionalLong.of(
                refused == Long.MAX_VALUE ? allowed * 2 : Math.round(Math.sqrt((double) allowed * refused)));
    }

    /**
     * What was measured at a rate.
     *
     * @param ratio how many times as long the slowest request in a hundred took
     * @param rowsPerSecond how fast the work went
     */
    void measured(long rate, double ratio, long rowsPerSecond) {
        left--;
        if (ratio > mostRatio) {
            refused = Math.min(refused, rate);
        } else {
            allowed = Math.max(allowed, rate);
            best = Math.max(best, rowsPerSecond);
            free |= rowsPerSecond < rate * REACHED;
        }
    }

    /** How fast the work went at the best of the rates that are allowed; empty where none was. */
    OptionalLong best() {
        return allowed == 0 ? OptionalLong.empty() : OptionalLong.of(best);
    }
}
