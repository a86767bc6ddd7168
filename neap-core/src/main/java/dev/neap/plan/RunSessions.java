package dev.neap.plan;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.OwnSignal;
import dev.neap.backfill.ServerSignal;
import dev.neap.backfill.Throttle;
import java.util.function.Predicate;

/**
 * How many of the server's connections a run has at once, at most.
 *
 * @param working those of the run itself with one worker: its control tables, its heartbeat, its unit, what catches up or
 *     swaps, and one for an instant, to cancel a statement or to record a change of speed
 * @param watching those that its signals read; on an engine that has fewer signals there are fewer
 * @param second what a second worker adds
 * @param further what each one after that adds
 */
public record RunSessions(int working, int watching, int second, int further) {
    private static final int WORKING = 5;

    /** Those of a backfill's run. */
    public static RunSessions of(Backfill backfill) {
        Throttle throttle = backfill.throttle();
        Predicate<ServerSignal> commits = ServerSignal::byCommits;
        boolean asks = throttle.canary() != null
                || throttle.own().stream().anyMatch(own -> own.source() instanceof OwnSignal.Sql);
        boolean server = throttle.replicaLag() != null
                || throttle.server().limits().keySet().stream().anyMatch(commits.negate());
        int watching = (asks ? 1 : 0)
                + (server ? 1 : 0)
                + (throttle.server().limits().containsKey(ServerSignal.COMMITS) ? 1 : 0)
                + (throttle.lockWaits() ? 1 : 0);
        // Each of several workers has the control tables to itself, a rebuild's a session for its swap too.
        int further = backfill.fills() ? 2 : 3;
        return new RunSessions(WORKING, watching, further + 1, further);
    }

    /** All of them. */
    public int most(int workers) {
        return working + watching + (workers < 2 ? 0 : second + (workers - 2) * further);
    }
}
