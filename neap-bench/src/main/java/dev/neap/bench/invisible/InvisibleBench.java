package dev.neap.bench.invisible;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import dev.neap.backfill.ServerSignal;
import dev.neap.backfill.Throttle;
import dev.neap.backfill.Times;
import dev.neap.bench.Arguments;
import dev.neap.bench.BenchServer;
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
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an application at a steady rate feels of a fill of its own table without a ceiling, only the signals acting; beside
 * it nothing, one giant statement, a run without signals, and fixed rates.
 */
public final class InvisibleBench {
    private final PostgresServer server;
    private final Accounts accounts;
    private final Size size;
    private final Pairs pairs;
    private final Throttle signals;
    private final List<Pair> others = new ArrayList<>();

    private InvisibleBench(PostgresServer server, Size size, Monitoring monitoring) {
        this.server = server;
        this.size = size;
        this.accounts = new Accounts(size.rows());
        this.pairs = new Pairs(server, accounts, size.window(), monitoring);
        this.signals =
                size.byP99() ? Signals.ofP99(size.limit(), monitoring.address()) : Signals.ofServer(size.limit());
    }

    /**
     * How much is measured.
     *
     * @param rows of the table
     * @param window how long each part of a pair is
     * @param pairs how many with Neap, and as many with nothing and at each fixed rate
     * @param rates how many fixed rates are tried
     * @param share of a hundred requests that the server can answer, so many are sent
     * @param limit of what tells the run how the application fares
     * @param byP99 whether that is the application's own p99, and not what the server tells
     */
    record Size(int rows, Duration window, int pairs, int rates, int share, Times limit, boolean byP99) {}

    public static void main(String[] args) throws SQLException, IOException, InterruptedException {
        Arguments arguments = new Arguments(
                args, Set.of("rows", "seconds", "pairs", "rates", "share", "limit", "signal", "postgres", "json"));
        Size size = new Size(
                Math.toIntExact(arguments.number("rows", 2_000_000)),
                Duration.ofSeconds(arguments.number("seconds", 40)),
                Math.toIntExact(arguments.number("pairs", 3)),
                Math.toIntExact(arguments.number("rates", 5)),
                Math.toIntExact(arguments.number("share", 25)),
                limit(arguments.text("limit")),
                byP99(arguments.text("signal")));
        try (PostgresServer server = start(Math.toIntExact(arguments.number("postgres", 18)))) {
            Map<String, Object> report = run(server, size);
            String json = arguments.text("json");
            if (json != null) {
                ObjectMapper mapper = new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
                Files.writeString(
                        Path.of(json), mapper.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
            }
        }
    }

    private static Times limit(@Nullable String text) {
        return text == null
                ? new Times(ServerSignal.STATEMENTS.limit())
                : Times.parse(text)
                        .orElseThrow(() -> new IllegalArgumentException("--limit is a multiple such as 1.5x"));
    }

    private static boolean byP99(@Nullable String text) {
        if (text != null && !Set.of("server", "p99").contains(text)) {
            throw new IllegalArgumentException("--signal is server or p99");
        }
        return "p99".equals(text);
    }

    /** With the application's statements counted. */
    static PostgresServer start(int major) {
        return BenchServer.start(major, Map.of("shared_preload_libraries", "pg_stat_statements"));
    }

    /** Measures everything. */
    static Map<String, Object> run(PostgresServer server, Size size)
            throws SQLException, IOException, InterruptedException {
        try (Monitoring monitoring = Monitoring.start()) {
            return new InvisibleBench(server, size, monitoring).run();
        }
    }

    private Map<String, Object> run() throws SQLException, InterruptedException {
        accounts.make(server);
        double most = pairs.most();
        double perSecond = Math.max(1, Math.rint(most * size.share() / 100));
        System.out.printf(
                Locale.ROOT,
                "%.0f requests/s, %d %% of the %.0f that are answered back to back%n",
                perSecond,
                size.share(),
                most);
        Report report = new Report(measure(perSecond), others);
        System.out.println();
        report.lines().forEach(System.out::println);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("server", BenchServer.one(server, PostgresServer.ADMIN, "SELECT version()"));
        all.put("settings", BenchServer.SETTINGS);
        all.put("processors", Runtime.getRuntime().availableProcessors());
        all.put("rows", size.rows());
        all.put("signal", size.byP99() ? "p99" : "server");
        all.put("limit", size.limit().toString());
        all.put("requests_per_second_at_most", most);
        all.put("requests_per_second", perSecond);
        all.putAll(report.figures());
        return all;
    }

    private Rivals measure(double perSecond) throws SQLException, InterruptedException {
        Duration window = size.window();
        List<Pair> nothing = new ArrayList<>();
        List<Pair> neap = new ArrayList<>();
        for (int round = 1; round <= size.pairs(); round++) {
            nothing.add(pair(Way.nothing(round, window), perSecond));
            neap.add(pair(Way.signals(round, server, accounts, window, signals), perSecond));
        }
        others.add(pair(Way.statement(server, window), perSecond));
        others.add(pair(Way.unpaced(server, accounts, window), perSecond));
        Map<Long, List<Pair>> fixed = new TreeMap<>();
        List<Long> rates = Rivals.rates(Median.of(neap, Pair::rowsPerSecond), size.rates());
        for (int round = 1; round <= size.pairs(); round++) {
            for (long rate : rates) {
                fixed.computeIfAbsent(rate, none -> new ArrayList<>())
                        .add(pair(Way.fixed(rate, server, accounts, window), perSecond));
            }
        }
        return new Rivals(nothing, neap, List.copyOf(fixed.values()));
    }

    private Pair pair(Way way, double perSecond) throws SQLException, InterruptedException {
        Pair pair = pairs.measure(way, perSecond);
        System.out.println(Report.line(pair));
        return pair;
    }
}
