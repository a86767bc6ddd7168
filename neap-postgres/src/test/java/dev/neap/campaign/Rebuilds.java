package dev.neap.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.History;
import java.time.Duration;

/** The rebuild that the campaigns are about. */
final class Rebuilds {
    /** Times for a machine that shall not wait long for what it has killed. */
    static final Tuning SHORT = new Tuning(
            Duration.ofSeconds(2),
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10),
            1_000_000);

    private Rebuilds() {}

    static Neap neap(ConnectionTarget target, Probe probe) {
        return new Neap(new PostgresDialect(), target, SHORT, probe);
    }

    /** Plans and runs it whole; anything but an end with every unit done fails. */
    static void withNeap(History.Setting setting) {
        Neap neap = neap(setting.target(), setting.probe());
        Plan plan = neap.plan(setting.backfill());
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        RunResult result = neap.run(plan, setting.listener(), new Stop());
        assertThat(result.outcome()).as("%s", result).isEqualTo(RunResult.Outcome.DONE);
    }
}
