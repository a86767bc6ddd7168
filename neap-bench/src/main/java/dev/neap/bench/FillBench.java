package dev.neap.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import dev.neap.transform.TransformSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How long a fill takes, unpaced, beside the one statement with the same conflict rule that people write today. Neap's
 * waits for second writes of an application, which do not grow with the table, are counted apart.
 */
public final class FillBench {
    private static final String WAITS = ", without its waits";

    private final PostgresServer server;
    private final long rows;
    private final Tuning tuning;
    private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

    private FillBench(PostgresServer server, long rows, Tuning tuning) {
        this.server = server;
        this.rows = rows;
        this.tuning = tuning;
    }

    private interface Way {
        /** Returns for how much of the time it only waited. */
        Duration run(String database) throws SQLException;
    }

    private record Named(String key, String name, Way way) {}

    public static void main(String[] args) throws SQLException, IOException {
        Arguments arguments = new Arguments(args, Set.of("rows", "rounds", "postgres", "ways", "json"));
        try (PostgresServer server = BenchServer.start(Math.toIntExact(arguments.number("postgres", 18)))) {
            FillBench bench = new FillBench(server, arguments.number("rows", 2_000_000), Tuning.DEFAULT);
            bench.run(Math.toIntExact(arguments.number("rounds", 3)), arguments.text("ways"));
            Map<String, Object> report = bench.report();
            String json = arguments.text("json");
            if (json != null) {
                Files.writeString(
                        Path.of(json),
                        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
            }
        }
    }

    /** The ways, each on a table of this many rows. */
    static void once(PostgresServer server, long rows, Tuning tuning) throws SQLException {
        new FillBench(server, rows, tuning).run(1, null);
    }

    /** Makes the database that each measurement copies: a full table, and the empty one that it fills. */
    static void makeBase(PostgresServer server, long rows) throws SQLException {
        server.createDatabase(BenchServer.BASE);
        server.execute(
                BenchServer.BASE,
                "CREATE TABLE users_legacy (id bigint PRIMARY KEY, full_name text NOT NULL, email text NOT NULL,"
                        + " made timestamptz NOT NULL, lower_email text)",
                "INSERT INTO users_legacy SELECT n * 3, 'First' || n || ' Last' || n, 'User' || n || '@Example.com',"
                        + " timestamptz '2024-01-01' + n * interval '1 second' FROM generate_series(1, " + rows + ") n",
                "CREATE TABLE users (id bigint PRIMARY KEY, first_name text, last_name text, email text)",
                "VACUUM (ANALYZE) users_legacy");
    }

    private void run(int rounds, @Nullable String only) throws SQLException {
        makeBase(server, rows);
        List<Named> all = List.of(
                new Named("insert", "a table: one INSERT … SELECT", this::insert),
                new Named("neap", "a table: Neap", database -> neap(database, table(), 1)),
                new Named("neap2", "a table: Neap, 2 workers", database -> neap(database, table(), 2)),
                new Named("copy", "a table: COPY out and in, by hand", this::copy),
                new Named("java", "a table: Neap in Java", database -> neap(database, java(), 1)),
                new Named("java2", "a table: Neap in Java, 2 workers", database -> neap(database, java(), 2)),
                new Named("spring", "a table: Spring Batch", this::springBatch),
                new Named("loop", "a table: the loop, row by row", this::loop),
                new Named("update", "a column: one UPDATE", this::update),
                new Named("column", "a column: Neap", database -> neap(database, column(), 1)),
                new Named("column2", "a column: Neap, 2 workers", database -> neap(database, column(), 2)));
        List<Named> ways = only == null
                ? all
                : all.stream()
                        .filter(each -> List.of(only.split(",")).contains(each.key()))
                        .toList();
        for (int round = 0; round < rounds; round++) {
            List<Named> order = new ArrayList<>(ways);
            Collections.rotate(order, round);
            for (Named way : order) {
                measure(way.name(), way.way(), round);
            }
        }
    }

    private void measure(String name, Way way, int round) throws SQLException {
        BenchServer.copyBase(server, "work");
        long start = System.nanoTime();
        Duration waited = way.run("work");
        double total = (System.nanoTime() - start) / 1e9;
        BenchServer.mustBeTrue(
                server,
                "work",
                name.startsWith("a table")
                        ? "SELECT count(*) = " + rows + " FROM users WHERE first_name LIKE 'First%'"
                        : "SELECT count(*) = " + rows + " FROM users_legacy WHERE lower_email = lower(email)");
        seconds.computeIfAbsent(name, unused -> new ArrayList<>()).add(total);
        if (name.contains("Neap")) {
            seconds.computeIfAbsent(name + WAITS, unused -> new ArrayList<>()).add(total - waited.toNanos() / 1e9);
        }
        System.out.printf(Locale.ROOT, "round %d  %-33s %6.2f s%n", round + 1, name, total);
        BenchServer.drop(server, "work");
    }

    private Duration insert(String database) {
        server.execute(
                database,
                "INSERT INTO users (id, first_name, last_name, email) SELECT id, split_part(full_name, ' ', 1),"
                        + " split_part(full_name, ' ', 2), lower(email) FROM users_legacy ON CONFLICT (id) DO NOTHING");
        return Duration.ZERO;
    }

    /** What a program by hand does: rows out by COPY, made anew in Java, and in by COPY, with the same conflict rule. */
    private Duration copy(String database) throws SQLException {
        try (Connection from = server.connect(database);
                Connection into = server.connect(database)) {
            CopyByHand.run(from, into);
        }
        return Duration.ZERO;
    }

    private Duration springBatch(String database) throws SQLException {
        try (Connection connection =
                DriverManager.getConnection(server.url(database) + "&reWriteBatchedInserts=true")) {
            SpringBatchFill.run(connection);
        }
        return Duration.ZERO;
    }

    private Duration loop(String database) throws SQLException {
        try (Connection connection = server.connect(database)) {
            SeedLoop.run(connection);
        }
        return Duration.ZERO;
    }

    private Duration update(String database) {
        server.execute(database, "UPDATE users_legacy SET lower_email = lower(email) WHERE lower_email IS NULL");
        return Duration.ZERO;
    }

    static Fill table() {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("id", "id");
        set.put("first_name", "split_part(full_name, ' ', 1)");
        set.put("last_name", "split_part(full_name, ' ', 2)");
        set.put("email", "lower(email)");
        return fill("users", set);
    }

    private static Fill java() {
        return Fill.of(
                new TableName("public", "users_legacy"),
                new TableName("public", "users"),
                TransformSource.of(SplitUser::new));
    }

    private static Fill column() {
        return fill("users_legacy", Map.of("lower_email", "lower(email)"));
    }

    private static Fill fill(String into, Map<String, String> set) {
        return Fill.of(new TableName("public", "users_legacy"), new TableName("public", into), set);
    }

    private Duration neap(String database, Fill fill, int workers) {
        Engine engine = new Neap(new PostgresDialect(), server.target(database), tuning, Probe.NONE);
        Backfill backfill = new Backfill(
                "fill", Profile.DEV, fill, Pace.unlimited(), Profile.DEV.batchRows(), 1, Map.of(), List.of());
        Plan plan = engine.plan(backfill);
        RunResult result = engine.run(plan, workers, RunListener.SILENT, new Stop());
        if (result.outcome() != RunResult.Outcome.DONE) {
            throw new IllegalStateException(result.outcome() + ": " + result.causes());
        }
        return result.waited().multipliedBy(workers);
    }

    private Map<String, Object> report() throws SQLException {
        Map<String, Double> medians = new LinkedHashMap<>();
        seconds.forEach((name, all) -> medians.put(name, median(all)));
        System.out.println(
                "\nPostgreSQL " + BenchServer.one(server, PostgresServer.ADMIN, "SHOW server_version") + ", medians");
        medians.forEach((name, value) -> System.out.printf(
                Locale.ROOT,
                "%-46s %7.2f s %6.2f x%n",
                name,
                value,
                value
                        / medians.getOrDefault(
                                name.startsWith("a table") ? "a table: one INSERT … SELECT" : "a column: one UPDATE",
                                Double.NaN)));
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("server", BenchServer.one(server, PostgresServer.ADMIN, "SELECT version()"));
        report.put("settings", BenchServer.SETTINGS);
        report.put("processors", Runtime.getRuntime().availableProcessors());
        report.put("rows", rows);
        report.put("median_seconds", medians);
        report.put("seconds_of_each_round", seconds);
        return report;
    }

    static double median(List<Double> all) {
        List<Double> sorted = all.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
