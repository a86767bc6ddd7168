package dev.neap.run;

import dev.neap.control.ControlStore;
import dev.neap.control.ErrorCounts;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.throttle.Breaker;
import java.util.ArrayList;
import java.util.List;

/** Ends a run in which too much goes wrong. Safe for many threads, each with its own session. */
final class ErrorBudget {
    private final long run;
    private final Breaker breaker;

    /** @param share how much of all rows it is, from 0 to 1 */
    ErrorBudget(long run, double share) {
        this.run = run;
        this.breaker = new Breaker(share);
    }

    /**
     * Asked after something went wrong, and that is recorded.
     *
     * @throws NeapException BREAKER when it was too much
     */
    synchronized void require(ControlStore control) {
        require(control.mishaps().errors(run));
    }

    synchronized void require(ErrorCounts counts) {
        String trips = breaker.trips(counts.events(), counts.errors(), counts.rows());
        if (!trips.isEmpty()) {
            throw new NeapException(Kind.BREAKER, counts.words() + ": " + trips + "; " + mend(counts));
        }
    }

    private String mend(ErrorCounts counts) {
        List<String> mend = new ArrayList<>();
        if (counts.rowsAside() > 0) {
            mend.add("rows that were set aside are in neap.quarantine with their keys and causes ("
                    + ErrorCounts.asideSql(run) + "): mend them or the expressions");
        }
        if (counts.deadlocks() > 0) {
            mend.add("of deadlocks the server's log says who locked what: take a quieter hour, or smaller batches");
        }
        if (counts.mismatched() > 0) {
            mend.add("`neap status` says how the partitions differ");
        }
        return String.join("; ", mend) + ". What is done is kept, and the same command goes on";
    }
}
