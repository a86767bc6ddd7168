package dev.neap.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Verification;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
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

/**
 * How long it takes to compare every row of a filled table, unpaced, beside its fill, and beside reading both tables to the
 * client and hashing there: each on this machine, and with a network put between.
 */
public final class VerifyBench {
    private static final String FILL = "the fill, without its waits";
    private static final String EXPECTED =
            "SELECT ROW(id, split_part(full_name, ' ', 1), split_part(full_name, ' ', 2),"
                    + " lower(email))::text FROM users_legacy ORDER BY id";
    private static final String THERE = "SELECT ROW(id, first_name, last_name, email)::text FROM users ORDER BY id";

    private final PostgresServer server;
    private final long rows;
    private final Tuning tuning;
    private final Duration oneWay;
    private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

    private VerifyBench(PostgresServer server, long rows, Tuning tuning, Duration oneWay) {
        this.server = server;
        this.rows = rows;
        this.tuning = tuning;
        this.oneWay = oneWay;
    }

    private interface Way {
        void run(int port) throws SQLException;
    }

    private record Named(String name, Way way, int port) {}

    public static void main(String[] args) throws SQLException, IOException {
        Arguments arguments = new Arguments(args, Set.of("rows", "rounds", "postgres", "latency", "json"));
        try (PostgresServer server = BenchServer.start(Math.toIntExact(arguments.number("postgres", 18)))) {
            VerifyBench bench = new VerifyBench(
                    server,
                    arguments.number("rows", 2_000_000),
                    Tuning.DEFAULT,
                    Duration.ofMillis(arguments.number("latency", 2)));
            bench.run(Math.toIntExact(arguments.number("rounds", 3)));
            Map<String, Object> report = bench.report();
            String json = arguments.text("json");
            if (json != null) {
                Files.writeString(
                        Path.of(json),
                        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
            }
        }
    }

    /** The ways, each once, on a table of this many rows. */
    static void once(PostgresServer server, long rows, Tuning tuning) throws SQLException, IOException {
        new VerifyBench(server, rows, tuning, Duration.ofMillis(1)).run(1);
    }

    private void run(int rounds) throws SQLException, IOException {
        FillBench.makeBase(server, rows);
        try (Distance network = new Distance(server.port(), oneWay)) {
            String far = ", " + oneWay.toMillis() + " ms away";
            List<Named> ways = List.of(
                    new Named("neap verify", this::neap, server.port()),
                    new Named("both tables read and hashed by hand", this::byHand, server.port()),
                    new Named("neap verify" + far, this::neap, network.port()),
                    new Named("both tables read and hashed by hand" + far, this::byHand, network.port()));
            for (int round = 0; round < rounds; round++) {
                BenchServer.copyBase(server, "work");
                record(round, FILL + far, fill(network.port()));
                BenchServer.copyBase(server, "work");
                record(round, FILL, fill(server.port()));
                server.execute("work", "VACUUM (ANALYZE) users, users_legacy", "CHECKPOINT");
                List<Named> order = new ArrayList<>(ways);
                Collections.rotate(order, round);
                for (Named way : order) {
                    long start = System.nanoTime();
                    way.way().run(way.port());
                    record(round, way.name(), (System.nanoTime() - start) / 1e9);
                }
                BenchServer.drop(server, "work");
            }
        }
    }

    private void record(int round, String name, double took) {
        seconds.computeIfAbsent(name, unused -> new ArrayList<>()).add(took);
        System.out.printf(Locale.ROOT, "round %d  %-50s %6.2f s%n", round + 1, name, took);
    }

    private static Backfill backfill() {
        return new Backfill(
                "fill",
                Profile.DEV,
                FillBench.table(),
                Pace.unlimited(),
                Profile.DEV.batchRows(),
                1,
                Map.of(),
                List.of());
    }

    private Neap engine(int port) {
        ConnectionTarget here = server.target("work");
        return new Neap(
                new PostgresDialect(),
                new ConnectionTarget(
                        here.engine(),
                        here.host(),
                        port,
                        here.database(),
                        here.user(),
                        here.password(),
                        here.options()),
                tuning,
                Probe.NONE);
    }

    private double fill(int port) {
        Neap engine = engine(port);
        Plan plan = engine.plan(backfill());
        long start = System.nanoTime();
        RunResult result = engine.run(plan, 1, RunListener.SILENT, new Stop());
        if (result.outcome() != RunResult.Outcome.DONE) {
            throw new IllegalStateException(result.outcome() + ": " + result.causes());
        }
        return (System.nanoTime() - start - result.waited().toNanos()) / 1e9;
    }

    private void neap(int port) {
        VerifyReport report = engine(port)
                .verify(
                        backfill(),
                        new Verification(Verification.MATCH, Verification.CONFIDENCE, List.of(Map.of())),
                        VerifyRequest.EVERY_ROW);
        requireAll(report.proved() ? report.tables().get(0).rows().expected() : -1);
    }

    private void byHand(int port) throws SQLException {
        String url = "jdbc:postgresql://localhost:" + port + "/work?user=" + PostgresServer.ADMIN;
        try (Connection one = DriverManager.getConnection(url);
                Connection other = DriverManager.getConnection(url)) {
            requireAll(CompareByHand.run(one, EXPECTED, other, THERE));
        }
    }

    private void requireAll(long same) {
        if (same != rows) {
            throw new IllegalStateException(same + " of " + rows + " rows are the same, and all are");
        }
    }

    private Map<String, Object> report() throws SQLException {
        Map<String, Double> medians = new LinkedHashMap<>();
        seconds.forEach((name, all) -> medians.put(name, FillBench.median(all)));
        System.out.println(
                "\nPostgreSQL " + BenchServer.one(server, PostgresServer.ADMIN, "SHOW server_version") + ", medians");
        medians.forEach((name, value) -> System.out.printf(
                Locale.ROOT,
                "%-55s %7.2f s %6.2f x the fill%n",
                name,
                value,
                value / medians.getOrDefault(FILL, Double.NaN)));
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("server", BenchServer.one(server, PostgresServer.ADMIN, "SELECT version()"));
        report.put("settings", BenchServer.SETTINGS);
        report.put("processors", Runtime.getRuntime().availableProcessors());
        report.put("heap_mb", Runtime.getRuntime().maxMemory() >> 20);
        report.put("rows", rows);
        report.put("one_way_ms", oneWay.toMillis());
        report.put("median_seconds", medians);
        report.put("seconds_of_each_round", seconds);
        return report;
    }
}
