package dev.neap.fill;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;

/** How many rows may be set aside before the run stops: a share of the rows, counted over no fewer than some. */
final class ErrorBudget {
    /** 0.01 %, the share of DESIGN's prod profile. */
    private static final double SHARE = 0.0001;

    private static final long FEWEST_ROWS = 100_000;
    /** One bad row is no reason to end a run of days. */
    private static final int FEWEST = 2;

    private ErrorBudget() {}

    /**
     * Stops the run when it is spent.
     *
     * @param setAside rows set aside over the whole run
     * @param rows rows of the whole run so far
     * @throws NeapException BREAKER
     */
    static void require(long setAside, long rows) {
        if (setAside >= FEWEST && setAside > SHARE * Math.max(FEWEST_ROWS, rows)) {
            throw new NeapException(
                    Kind.BREAKER,
                    setAside
                            + " rows could not be written, more than 0.01 % of the rows so far; their keys and causes are"
                            + " in neap.quarantine. Mend them or the expressions, and run the same command again");
        }
    }
}
