package dev.neap.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How long it takes to rebuild a partitioned table, unpaced: Neap beside what people do today and beside the best that
 * can be written by hand. Rounds are interleaved, each way on a fresh copy, and medians are printed.
 */
public final class SpeedBench {
    private final PostgresServer server;
    private final EventTable table;
    private final int rounds;
    private final Map<Contender, List<Contender.Timing>> timings = new LinkedHashMap<>();

    private SpeedBench(PostgresServer server, EventTable table, int rounds) {
        this.server = server;
        this.table = table;
        this.rounds = rounds;
    }

    public static void main(String[] args) throws SQLException, IOException {
        Arguments arguments = new Arguments(args, Set.of("rows", "partitions", "rounds", "postgres", "ways", "json"));
        EventTable table = new EventTable(
                arguments.number("rows", 4_000_000), Math.toIntExact(arguments.number("partitions", 12)), false);
        try (PostgresServer server = BenchServer.start(Math.toIntExact(arguments.number("postgres", 18)))) {
            SpeedBench bench = new SpeedBench(server, table, Math.toIntExact(arguments.number("rounds", 3)));
            bench.run(arguments.text("ways"));
            Map<String, Double> medians = bench.medians();
            Map<String, Object> report = bench.report(medians);
            bench.print(medians);
            String json = arguments.text("json");
            if (json != null) {
                Files.writeString(
                        Path.of(json),
                        new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
            }
        }
    }

    private void run(@Nullable String ways) throws SQLException {
        System.out.println("making " + table.rows() + " rows in " + table.partitions() + " partitions");
        BenchServer.makeBase(server, table);
        List<Contender> all = List.of(
                new InsertSelect(table),
                new UsualRecipe(table),
                new BestScript(table),
                new NeapContender(1),
                new NeapContender(2));
        List<Contender> contenders = ways == null
                ? all
                : all.stream()
                        .filter(each -> List.of(ways.split(",")).contains(each.key()))
                        .toList();
        contenders.forEach(each -> timings.put(each, new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            List<Contender> order = new ArrayList<>(contenders);
            // Nobody is always the one after the same.
            Collections.rotate(order, round);
            for (Contender contender : order) {
                measure(contender, round);
            }
        }
    }

    private void measure(Contender contender, int round) throws SQLException {
        BenchServer.copyBase(server, "work");
        Contender.Timing timing = contender.run(server, "work");
        BenchServer.mustBeTrue(server, "work", table.check(contender.result()));
        timings.getOrDefault(contender, new ArrayList<>()).add(timing);
        System.out.printf(
                Locale.ROOT,
                "round %d  %-24s %6.2f s  %s%n",
                round + 1,
                contender.name(),
                seconds(timing.total()),
                parts(timing.apart()));
        BenchServer.drop(server, "work");
    }

    private Map<String, Double> medians() {
        Map<String, Double> seconds = new LinkedHashMap<>();
        timings.forEach((contender, all) -> {
            seconds.put(contender.name(), median(all, Contender.Timing::total));
            if (contender instanceof NeapContender) {
                seconds.put(
                        contender.name() + ", without verification",
                        median(
                                all,
                                each -> each.total()
                                        .minus(each.apart().getOrDefault(NeapContender.VERIFY, Duration.ZERO))));
            }
            for (String part : all.get(0).apart().keySet()) {
                seconds.put(
                        contender.name() + ": " + part,
                        median(all, each -> each.apart().getOrDefault(part, Duration.ZERO)));
            }
        });
        return seconds;
    }

    private Map<String, Object> report(Map<String, Double> medians) throws SQLException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("server", BenchServer.one(server, PostgresServer.ADMIN, "SELECT version()"));
        report.put("settings", BenchServer.SETTINGS);
        report.put("processors", Runtime.getRuntime().availableProcessors());
        report.put("rows", table.rows());
        report.put("partitions", table.partitions());
        report.put("rounds", rounds);
        report.put("median_seconds", medians);
        Map<String, Object> each = new LinkedHashMap<>();
        timings.forEach((contender, all) -> each.put(
                contender.name(),
                all.stream().map(timing -> seconds(timing.total())).toList()));
        report.put("seconds_of_each_round", each);
        return report;
    }

    private void print(Map<String, Double> medians) throws SQLException {
        System.out.println("\nPostgreSQL " + BenchServer.one(server, PostgresServer.ADMIN, "SHOW server_version")
                + ", medians of " + rounds);
        double script = medians.getOrDefault("the best script by hand", Double.NaN);
        double insert = medians.getOrDefault("one INSERT … SELECT", Double.NaN);
        System.out.printf("%-32s %8s %10s %10s%n", "", "seconds", "× script", "× INSERT");
        medians.forEach((name, value) -> System.out.printf(
                Locale.ROOT, "%-32s %8.2f %10.2f %10.2f%n", name, value, value / script, value / insert));
    }

    private static String parts(Map<String, Duration> apart) {
        StringBuilder text = new StringBuilder();
        apart.forEach((name, took) -> text.append(String.format(Locale.ROOT, "%s %.2f  ", name, seconds(took))));
        return text.toString().strip();
    }

    private static double median(List<Contender.Timing> all, Function<Contender.Timing, Duration> part) {
        List<Duration> sorted = all.stream().map(part).sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? seconds(sorted.get(middle))
                : (seconds(sorted.get(middle - 1)) + seconds(sorted.get(middle))) / 2;
    }

    private static double seconds(Duration duration) {
        return Math.round(duration.toNanos() / 1e6) / 1e3;
    }
}
