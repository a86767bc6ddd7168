package dev.neap.bench;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Profile;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Plans and fills a table whose keys are mostly missing, and of whose rows one in a million cannot be written. */
public final class SparseBench {
    private static final long KEYS_EACH = 10;
    private static final long ROWS_FOR_ONE_BAD = 1_000_000;

    private SparseBench() {}

    public static void main(String[] args) throws SQLException {
        Arguments arguments = new Arguments(args, Set.of("rows", "postgres"));
        long rows = arguments.number("rows", 10_000_000);
        try (PostgresServer server = BenchServer.start(Math.toIntExact(arguments.number("postgres", 18)))) {
            server.createDatabase(BenchServer.BASE);
            server.execute(
                    BenchServer.BASE,
                    "CREATE TABLE s (id bigint PRIMARY KEY, v text)",
                    "INSERT INTO s SELECT n * " + KEYS_EACH + ", CASE WHEN n % " + ROWS_FOR_ONE_BAD
                            + " = 777 THEN 'bad' ELSE n::text END FROM generate_series(1, " + rows + ") n",
                    "CREATE TABLE t (id bigint PRIMARY KEY, n bigint)",
                    "VACUUM (ANALYZE) s",
                    "CHECKPOINT");
            fill(server, rows);
        }
    }

    private static void fill(PostgresServer server, long rows) throws SQLException {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("id", "id");
        set.put("n", "v::bigint");
        Fill fill = Fill.of(new TableName("public", "s"), new TableName("public", "t"), set);
        Backfill backfill = new Backfill(
                "sparse", Profile.DEV, fill, Pace.unlimited(), Profile.DEV.batchRows(), 1, Map.of(), List.of());
        Engine engine = new Neap(new PostgresDialect(), server.target(BenchServer.BASE), Tuning.DEFAULT, Probe.NONE);
        long began = System.nanoTime();
        Plan plan = engine.plan(backfill);
        say("planned, %d units", plan.units().size(), began);
        began = System.nanoTime();
        RunResult result = engine.run(plan, 1, RunListener.SILENT, new Stop());
        if (result.outcome() != RunResult.Outcome.DONE) {
            throw new IllegalStateException(result.outcome() + ": " + result.causes());
        }
        say("filled, %d rows", result.rows(), began);
        long bad = (rows + ROWS_FOR_ONE_BAD - 777) / ROWS_FOR_ONE_BAD;
        BenchServer.mustBeTrue(
                server, BenchServer.BASE, "SELECT count(*) = " + (rows - bad) + " FROM t WHERE id = n * " + KEYS_EACH);
        BenchServer.mustBeTrue(
                server,
                BenchServer.BASE,
                "SELECT count(*) = " + bad
                        + " AND bool_and(s.v = 'bad' AND q.cause LIKE '%bad%') FROM neap.quarantine q"
                        + " LEFT JOIN s ON s.id = q.key[1]::bigint");
        System.out.printf(Locale.ROOT, "set aside with key and cause: %d, all others are there%n", bad);
        long most = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getPeakUsage)
                .mapToLong(usage -> usage.getUsed())
                .sum();
        System.out.printf(
                Locale.ROOT,
                "most heap %d MB, garbage included, of %d MB%n",
                most >> 20,
                Runtime.getRuntime().maxMemory() >> 20);
    }

    private static void say(String what, long count, long began) {
        System.out.printf(
                Locale.ROOT,
                "%-28s %7.2f s%n",
                String.format(Locale.ROOT, what, count),
                (System.nanoTime() - began) / 1e9);
    }
}
