package dev.neap.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.neap.run.Engine;
import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** How long a swap holds its exclusive lock, for partitions of two sizes, with a foreign key and a DEFAULT partition. */
public final class SwapBench {
    private static final int PARTITIONS = 5;

    private final PostgresServer server;
    private final int rounds;

    private SwapBench(PostgresServer server, int rounds) {
        this.server = server;
        this.rounds = rounds;
    }

    public static void main(String[] args) throws SQLException, IOException {
        Arguments arguments = new Arguments(args, Set.of("swaps", "small", "large", "postgres", "json"));
        int rounds = Math.toIntExact((arguments.number("swaps", 20) + PARTITIONS - 1) / PARTITIONS);
        try (PostgresServer server = BenchServer.start(Math.toIntExact(arguments.number("postgres", 18)))) {
            SwapBench bench = new SwapBench(server, rounds);
            Map<String, Object> report = new LinkedHashMap<>();
            report.put("server", BenchServer.one(server, PostgresServer.ADMIN, "SELECT version()"));
            report.put("settings", BenchServer.SETTINGS);
            report.put("processors", Runtime.getRuntime().availableProcessors());
            List<Map<String, Object>> sizes = new ArrayList<>();
            sizes.add(bench.measure(arguments.number("small", 10_000)));
            sizes.add(bench.measure(arguments.number("large", 1_000_000)));
            report.put("sizes", sizes);
            String json = arguments.text("json");
            if (json != null) {
                Files.writeString(
                        Path.of(json),
                        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
            }
        }
    }

    private Map<String, Object> measure(long rows) throws SQLException {
        EventTable table = new EventTable(rows * PARTITIONS, PARTITIONS, true);
        BenchServer.makeBase(server, table);
        StepTimes times = new StepTimes();
        Engine engine = NeapContender.engine(server, BenchServer.BASE);
        for (int round = 0; round < rounds; round++) {
            NeapContender.rebuild(engine, NeapContender.backfill("swap-" + round, Duration.ZERO), 1, times);
            engine.cleanup();
        }
        BenchServer.mustBeTrue(server, BenchServer.BASE, table.check("bench.event"));
        List<Double> millis = times.locks().stream()
                .sorted()
                .map(each -> each.toNanos() / 1e6)
                .toList();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("rows", rows);
        line.put("swaps", millis.size());
        line.put("lock_ms_p50", percentile(millis, 50));
        line.put("lock_ms_p95", percentile(millis, 95));
        line.put("lock_ms_max", percentile(millis, 100));
        line.put("lock_ms", millis);
        System.out.printf(
                Locale.ROOT,
                "%,9d rows: %d swaps, exclusive lock p50 %.1f ms, p95 %.1f ms, max %.1f ms%n",
                rows,
                millis.size(),
                percentile(millis, 50),
                percentile(millis, 95),
                percentile(millis, 100));
        return line;
    }

    private static double percentile(List<Double> sorted, int percent) {
        return sorted.get(Math.max(0, (int) Math.ceil(percent / 100.0 * sorted.size()) - 1));
    }
}
