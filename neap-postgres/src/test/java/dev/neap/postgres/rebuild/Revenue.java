package dev.neap.postgres.rebuild;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.MissingInSource;
import dev.neap.backfill.Pace;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.SourceRecompute;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Events whose revenue is raw events times an exchange rate. The live rows are wrong: revenue is 0 everywhere. */
final class Revenue {
    static final String JOIN = """
            SELECT r.id, r.day, r.user_id, r.amount * fx.rate AS revenue
            FROM raw_events r JOIN fx USING (currency, day)
            WHERE r.day >= :lower AND r.day < :upper""";

    final PostgresServer server;
    final String database;
    final List<RunEvent> events = new CopyOnWriteArrayList<>();
    String sql = JOIN;
    List<String> reads = List.of("raw_events", "fx");
    MissingInSource missing = MissingInSource.KEEP;
    LiveWrites writes = LiveWrites.CAPTURE;
    Cutover cutover = Cutover.SWAP;
    String user = "postgres";
    Tuning tuning = Ledger.QUICK;

    Revenue(PostgresServer server, String database) {
        this.server = server;
        this.database = server.createDatabase(database);
        server.execute(
                database,
                """
                CREATE TABLE raw_events (id bigint NOT NULL, day date NOT NULL, user_id int NOT NULL,
                    amount numeric NOT NULL, currency text NOT NULL, PRIMARY KEY (day, id)) PARTITION BY RANGE (day)
                """,
                "CREATE TABLE raw_2025 PARTITION OF raw_events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
                "CREATE TABLE raw_2026 PARTITION OF raw_events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
                "CREATE TABLE fx (currency text, day date, rate numeric NOT NULL, PRIMARY KEY (currency, day))",
                "CREATE TABLE events (day date NOT NULL, user_id int, id bigint NOT NULL, revenue numeric(12,2),"
                        + " PRIMARY KEY (day, id)) PARTITION BY RANGE (day)",
                "CREATE INDEX ON events (user_id)",
                "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-01-02')",
                "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-01-02') TO ('2026-01-03')",
                "INSERT INTO fx SELECT c, d, 2 FROM unnest(ARRAY['EUR', 'USD']) AS c,"
                        + " generate_series(date '2026-01-01', '2026-01-02', '1 day') AS d",
                "INSERT INTO raw_events SELECT i, date '2026-01-01' + i % 2, i % 7, i,"
                        + " CASE WHEN i % 3 = 0 THEN 'EUR' ELSE 'USD' END FROM generate_series(1, 1000) AS i",
                "INSERT INTO events SELECT day, user_id, id, 0 FROM raw_events",
                "INSERT INTO events VALUES ('2026-01-01', 1, 5000, 77), ('2026-01-02', 1, 5001, 77)",
                "ANALYZE");
    }

    Backfill backfill() {
        return backfill("fix-revenue", "events");
    }

    /** The same for another table of this shape. */
    Backfill backfill(String name, String table) {
        return backfill(name, table, sql, reads, missing, writes, cutover);
    }

    static Backfill backfill(
            String name,
            String table,
            String sql,
            List<String> reads,
            MissingInSource missing,
            LiveWrites writes,
            Cutover cutover) {
        Rebuild rebuild = new Rebuild(
                new TableName("public", table),
                PartitionRange.all(),
                Map.of(),
                null,
                ApplicationWrites.NEW,
                writes,
                Duration.ofDays(7),
                cutover,
                null,
                new SourceRecompute(
                        sql,
                        reads.stream()
                                .map(read -> TableName.parse(read).orElseThrow())
                                .toList(),
                        missing));
        return new Backfill(name, Profile.DEV, rebuild, Pace.unlimited(), 1_000, 3, Map.of(), List.of());
    }

    Engine engine(Probe probe) {
        return new Neap(new PostgresDialect(), server.target(database, user), tuning, probe);
    }

    Plan plan() {
        return engine(Probe.NONE).plan(backfill());
    }

    RunResult run() {
        return run(Probe.NONE);
    }

    RunResult run(Probe probe) {
        Engine engine = engine(probe);
        Plan plan = engine.plan(backfill());
        if (plan.refused()) {
            throw new IllegalStateException(plan.findings().toString());
        }
        return engine.run(plan, events::add, new Stop());
    }

    void execute(String... statements) {
        server.execute(database, statements);
    }

    long number(String query) {
        return Long.parseLong(text(query));
    }

    String text(String query) {
        try (Connection c = server.connect(database);
                Statement s = c.createStatement();
                ResultSet rs = s.executeQuery(query)) {
            rs.next();
            return String.valueOf(rs.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Rows that are not what the raw events and the rates say now. */
    long wrong() {
        return number("SELECT count(*) FROM (SELECT day, id, user_id, revenue FROM events WHERE id < 5000 EXCEPT ALL"
                + " SELECT r.day, r.id, r.user_id, (r.amount * rate)::numeric(12,2) FROM raw_events r JOIN fx USING (currency, day))"
                + " AS wrong");
    }

    /** How much of Neap's capture is left. */
    long captures() {
        return number("SELECT (SELECT count(*) FROM pg_trigger WHERE tgname ~ '^neap_(capture|source)')"
                + " + (SELECT count(*) FROM pg_class WHERE relname ~ '^(sources|changes)_[0-9]')"
                + " + (SELECT count(*) FROM pg_proc WHERE proname ~ '^(source|capture)_[0-9]')");
    }

    boolean startedOver() {
        return events.stream()
                .anyMatch(e -> e instanceof RunEvent.Note note && note.text().contains("back to the beginning"));
    }
}
