package dev.neap.postgres.fill;

import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Environment;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Plans and runs a fill, in a process of its own: port, database. It fails where the plan takes long. */
final class SparseKeys {
    private static final Duration MOST_FOR_A_PLAN = Duration.ofSeconds(10);

    private SparseKeys() {}

    public static void main(String[] arguments) throws Exception {
        ConnectionTarget target = new ConnectionTarget(
                "postgresql", "localhost", Integer.parseInt(arguments[0]), arguments[1], "postgres", null, Map.of());
        Path file = Files.createTempFile("sparse", ".yaml");
        Files.writeString(
                file, "backfill: sparse\nprofile: dev\nfill: { from: s, into: t, set: { id: id, n: v::int } }\n");
        Neap neap = new Neap(new PostgresDialect(), target, FillDatabase.SHORT, Probe.NONE);
        long began = System.nanoTime();
        Plan plan = neap.plan(BackfillFile.read(file, Environment.system()).backfill());
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        Files.delete(file);
        System.out.println("units " + plan.units().size() + ", planned in " + took.toMillis() + " ms");
        if (took.compareTo(MOST_FOR_A_PLAN) > 0) {
            throw new IllegalStateException("the plan took " + took);
        }
        RunResult result = neap.run(plan, 2, RunListener.SILENT, new Stop());
        System.out.println(result.outcome() == RunResult.Outcome.DONE ? "done" : result.toString());
        System.exit(result.outcome() == RunResult.Outcome.DONE ? 0 : 1);
    }
}
