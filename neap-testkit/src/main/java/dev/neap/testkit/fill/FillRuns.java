package dev.neap.testkit.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Environment;
import dev.neap.dialect.Dialect;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Runs of fills by Neap through one dialect, with times for an application that is quick and for runs that are killed. */
public record FillRuns(Dialect dialect) {
    private static final Tuning SHORT = new Tuning(
            Duration.ofSeconds(2),
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10),
            1_000_000,
            FillHistory.LEAST_GRACE);

    public Neap neap(ConnectionTarget target, Probe probe) {
        return new Neap(dialect, target, SHORT, probe);
    }

    /** What a backfill file with this text declares. */
    public static Backfill backfill(String yaml) throws IOException {
        Path file = Files.createTempFile("fill", ".yaml");
        try {
            return BackfillFile.read(Files.writeString(file, yaml), Environment.system())
                    .backfill();
        } finally {
            Files.delete(file);
        }
    }

    /** Plans and runs a history's fill whole; anything but an end with everything done fails. */
    public void fill(FillHistory.Setting setting) throws IOException {
        RunResult result = run(neap(setting.target(), setting.probe()), setting.yaml(), setting.workers(), event -> {});
        assertThat(result.outcome()).as("%s", result).isEqualTo(RunResult.Outcome.DONE);
    }

    /** Plans and runs a fill; findings that refuse it fail. */
    public RunResult run(Neap neap, String yaml, int workers, RunListener listener) throws IOException {
        Plan plan = neap.plan(backfill(yaml));
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        return neap.run(plan, workers, listener, new Stop());
    }
}
