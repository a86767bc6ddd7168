package dev.neap.throttle;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Says when too much goes wrong: over the whole run, and among the last 100,000 rows, so that a bad stretch does not hide
 * behind a long good run. One event never is too much. A pure function of what it was told. Not for use by several threads.
 */
public final class Breaker {
    private static final long WINDOW = 100_000;
    /** One event is no reason to end a run of days. */
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
     * Something went wrong.
     *
     * @param events how often, over the whole run, by whichever process
     * @param errors how much of the budget that takes, in rows
     * @param rows how many rows the whole run has looked at
     * @return why the run must stop; empty while it may go on
     */
    public String trips(long events, long errors, long rows) {
        // Where those of an earlier process were, nobody knows.
        remember(before < 0 ? 1 : Math.min(errors - before, mostRecent() + 1), rows);
        before = errors;
        if (events < FEWEST) {
            return "";
        }
        if (errors > budget * Math.max(WINDOW, rows)) {
            return "more than " + percent() + " of the rows so far";
        }
        return recent.size() > mostRecent() ? "more than " + percent() + " of the last 100,000 rows" : "";
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
