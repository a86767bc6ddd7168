package dev.neap.bench;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Pace;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Neap with capture on, unpaced: profile dev, no rate.
 *
 * @param workers how many units are at work at once
 */
record NeapContender(int workers) implements Contender {
    static final String VERIFY = "verify";

    @Override
    public String name() {
        return workers == 1 ? "Neap" : "Neap, " + workers + " workers";
    }

    @Override
    public String key() {
        return workers == 1 ? "neap" : "neap" + workers;
    }

    @Override
    public Timing run(PostgresServer server, String database) {
        Engine engine = engine(server, database);
        StepTimes times = new StepTimes();
        long start = System.nanoTime();
        rebuild(engine, backfill("speed", Duration.ofDays(7)), workers, times);
        Duration total = Duration.ofNanos(System.nanoTime() - start);
        Map<String, Duration> apart = new LinkedHashMap<>();
        apart.put(VERIFY, times.verified().dividedBy(workers));
        if (workers == 1) {
            times.steps().forEach((step, took) -> apart.put("step " + step, took));
        }
        return new Timing(total, apart);
    }

    static Engine engine(PostgresServer server, String database) {
        return new Neap(new PostgresDialect(), server.target(database), Tuning.DEFAULT, Probe.NONE);
    }

    static Backfill backfill(String name, Duration keepOld) {
        Rebuild rebuild = new Rebuild(
                new TableName("bench", "event"),
                new PartitionRange("2024-01-01", null, PartitionRange.Order.OLDEST_FIRST),
                Map.of("kind", "upper(kind)"),
                null,
                ApplicationWrites.NEW,
                LiveWrites.CAPTURE,
                keepOld);
        return new Backfill(
                name, Profile.DEV, rebuild, Pace.unlimited(), Profile.DEV.batchRows(), 1, Map.of(), List.of());
    }

    static RunResult rebuild(Engine engine, Backfill backfill, int workers, StepTimes times) {
        Plan plan = engine.plan(backfill);
        if (plan.refused()) {
            throw new IllegalStateException("refused: " + plan.findings());
        }
        times.begin();
        RunResult result = engine.run(plan, workers, times, new Stop());
        times.end();
        if (result.outcome() != RunResult.Outcome.DONE) {
            throw new IllegalStateException(result.outcome() + ": " + result.causes());
        }
        return result;
    }
}
