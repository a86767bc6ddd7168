package dev.neap.campaign;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.testkit.fill.FillRuns;
import java.io.IOException;

/** The fill that the campaigns are about, on PostgreSQL. */
final class Fills {
    private static final FillRuns RUNS = new FillRuns(new PostgresDialect());

    private Fills() {}

    static Neap neap(ConnectionTarget target, Probe probe) {
        return RUNS.neap(target, probe);
    }

    static RunResult run(Neap neap, String yaml, int workers, RunListener listener) throws IOException {
        return RUNS.run(neap, yaml, workers, listener);
    }
}
