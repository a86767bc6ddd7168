package dev.neap.postgres.signals;

import dev.neap.throttle.CommitTimes;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Slowdown;
import dev.neap.throttle.StatementTimes;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/**
 * What things took before a process began to write, and which replicas there were, for as long as it lasts. A connection is
 * lost when the database is in trouble: what is measured after that is no measure of how it was without the run, and a
 * replica that is not there any more is one that nobody says anything of.
 */
public final class BeforeRun {
    private final StatementTimes statements = new StatementTimes();
    private @Nullable Slowdown canary;
    private @Nullable CommitTimes commits;
    private Set<String> replicas = new ConcurrentSkipListSet<>();
    private String server = "";

    StatementTimes statements() {
        return statements;
    }

    /**
     * Those that were seen so far, by name, to which more are added. Another server has others: one of the old ones may be
     * it.
     *
     * @param identity of the primary
     */
    synchronized Set<String> replicas(String identity) {
        if (!identity.equals(server)) {
            server = identity;
            replicas = new ConcurrentSkipListSet<>();
        }
        return replicas;
    }

    synchronized Slowdown canary(double limit, Duration most) {
        Slowdown known = canary;
        if (known == null) {
            known = new Slowdown(limit, most);
            canary = known;
        }
        return known;
    }

    synchronized CommitTimes commits(Limits limits, Duration most) {
        CommitTimes known = commits;
        if (known == null) {
            known = new CommitTimes(limits, most);
            commits = known;
        }
        return known;
    }
}
