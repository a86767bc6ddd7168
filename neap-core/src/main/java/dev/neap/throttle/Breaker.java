package dev.neap.throttle;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Says when rows that cannot be written are too many: over the whole run, and among the last 100,000 rows, so that a long
 * good run does not pay for a bad stretch at its end. One bad row never is. A pure function of what it was told. Not for
 * use by several threads.
 */
public final class Breaker {
    private static final long WINDOW = 100_000;
    /** One bad row is no reason to end a run of days. */
    private static final int FEWEST = 2;

    private final double budget;
    /** After how many rows each of the last ones came; no more than the budget of a window, and one. */
    private final Deque<Long> recent = new ArrayDeque<>();

    private long before = -1;

    /** @param budget the share of rows, from 0 to 1 */
    public Breaker(double budget) {
        if (!(budget >= 0 && budget <= 1)) {
            throw new IllegalArgumentException("a budget is a share");
        }
        this.budget = budget;
    }

    /**
     * Rows were set aside.
     *
     * @param setAside how many over the whole run, by whichever process
     * @param rows how many rows the whole run has looked at
     * @return why the run must stop; empty while it may go on
     */
    public String trips(long setAside, long rows) {
        // Where those of an earlier process were, nobody knows.
        remember(before < 0 ? 1 : Math.min(setAside - before, mostRecent() + 1), rows);
        before = setAside;
        if (setAside < FEWEST) {
            return "";
        }
        if (setAside > budget * Math.max(WINDOW, rows)) {
            return setAside + " rows could not be written, more than " + percent() + " of the rows so far";
        }
        return recent.size() > mostRecent()
                ? recent.size() + " of the last 100,000 rows could not be written, more than " + percent()
                : "";
    }

    private void remember(long more, long rows) {
        for (long i = 0; i < more; i++) {
            recent.add(rows);
        }
        while (!recent.isEmpty() && (recent.element() <= rows - WINDOW || recent.size() > mostRecent() + 1)) {
            recent.remove();
        }
    }

    private long mostRecent() {
        return Math.max(FEWEST - 1, (long) (budget * WINDOW + 1e-6));
    }

    private String percent() {
        return BigDecimal.valueOf(budget).movePointRight(2).stripTrailingZeros().toPlainString() + " %";
    }
}
