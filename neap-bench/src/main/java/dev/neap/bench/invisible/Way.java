package dev.neap.bench.invisible;

import dev.neap.backfill.Pace;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.backfill.Throttle;
import dev.neap.testkit.PostgresServer;
import java.time.Duration;

/**
 * One way to fill the table, or not to.
 *
 * @param settle how long it goes on before it counts
 * @param window how long it counts, unless it ends before
 */
record Way(String name, Duration settle, Duration window, Work.Beginner beginner) {
    /** So long a run without a ceiling may look for its speed, in times of what is measured. */
    private static final int LOOKS_FOR = 4;

    private static final int SETTLES_PART = 5;
    /** One statement takes as long as it takes. */
    private static final int STATEMENT = 4;

    static Way nothing(int round, Duration window) {
        return new Way("nothing, " + round, Duration.ZERO, window, database -> Work.NOTHING);
    }

    /** No ceiling; these signals find the speed. */
    static Way signals(int round, PostgresServer server, Accounts accounts, Duration window, Throttle signals) {
        return new Way(
                "Neap, " + round,
                window.multipliedBy(LOOKS_FOR),
                window,
                NeapFill.of(server, Accounts.backfill(Pace.unlimited(), signals), accounts.rows()));
    }

    static Way unpaced(PostgresServer server, Accounts accounts, Duration window) {
        return new Way(
                "Neap without signals",
                window.dividedBy(SETTLES_PART),
                window,
                NeapFill.of(server, Accounts.backfill(Pace.unlimited(), Throttle.NONE), accounts.rows()));
    }

    static Way fixed(long rate, PostgresServer server, Accounts accounts, Duration window) {
        Pace pace = new Pace(new RowsPerSecond(rate), Duration.ZERO, Duration.ZERO);
        return new Way(
                "Neap without signals, " + rate + "/s",
                window.dividedBy(SETTLES_PART),
                window,
                NeapFill.of(server, Accounts.backfill(pace, Throttle.NONE), accounts.rows()));
    }

    static Way statement(PostgresServer server, Duration window) {
        return new Way(
                "one UPDATE",
                Duration.ZERO,
                window.multipliedBy(STATEMENT),
                OneStatement.of(server, Accounts.STATEMENT));
    }
}
