package dev.neap.postgres.signals;

import dev.neap.throttle.CommitTimes;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Slowdown;
import dev.neap.throttle.StatementTimes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What things took before a process began to write, for as long as it lasts. A connection is lost when the database is in
 * trouble: what is measured after that is no measure of how it was without the run.
 */
public final class BeforeRun {
    private final StatementTimes statements = new StatementTimes();
    private @Nullable Slowdown canary;
    private @Nullable CommitTimes commits;

    StatementTimes statements() {
        return statements;
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
