package dev.neap.backfill;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which signals a run heeds, and their limits.
 *
 * @param replicaLag over this lag of a replica nothing is written; null where lag is not watched
 * @param asked whether the file itself asks for it: then a server that cannot tell is refused
 * @param lockWaits whether a transaction that writes rows of the application's is given up when somebody waits for a lock
 *     that it holds
 * @param own the user's own signals
 * @param canary the query whose time is watched; null for none
 * @param server the server's own signals
 * @param schedule when it writes, by the calendar
 */
public record Throttle(
        @Nullable Duration replicaLag,
        boolean asked,
        boolean lockWaits,
        List<OwnSignal> own,
        @Nullable Canary canary,
        ServerSignals server,
        Schedule schedule) {
    /** No signal is heeded. */
    public static final Throttle NONE =
            new Throttle(null, false, false, List.of(), null, ServerSignals.NONE, Schedule.ALWAYS);

    private static final Duration REPLICA_LAG = Duration.ofSeconds(2);

    public Throttle {
        own = List.copyOf(own);
    }

    /** The same for what only reads: neither replicas nor the log feel it, and the calendar says when to write. */
    public Throttle whileReading() {
        return new Throttle(null, false, false, own, canary, server.whileReading(), Schedule.ALWAYS);
    }

    /** The same for what writes a few rows at a time beside no run: it measures no commits. */
    public Throttle withoutRun() {
        return new Throttle(
                replicaLag, asked, false, own, canary, server.only(signal -> !signal.byCommits()), schedule);
    }

    /** The same for what a person asks for now, whatever the calendar says. */
    public Throttle atAnyTime() {
        return new Throttle(replicaLag, asked, lockWaits, own, canary, server, Schedule.ALWAYS);
    }

    /** What a profile heeds where the file says nothing: nothing in dev, where nobody else is disturbed. */
    public static Throttle of(Profile profile) {
        return profile == Profile.DEV
                ? NONE
                : new Throttle(REPLICA_LAG, false, true, List.of(), null, ServerSignals.ALL, Schedule.ALWAYS);
    }
}
