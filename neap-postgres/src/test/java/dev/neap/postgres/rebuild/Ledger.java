package dev.neap.postgres.rebuild;

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
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
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
import org.awaitility.Awaitility;

/** A small partitioned table with what makes a swap interesting: foreign keys, a DEFAULT partition, a trigger. */
final class Ledger {
    static final Tuning QUICK = new Tuning(
            Duration.ofSeconds(3),
            Duration.ofMillis(500),
            Duration.ofSeconds(3),
            Duration.ofSeconds(20),
            Duration.ofMinutes(10),
            1_000_000);

    /** Gives up a lock soon. */
    static final Tuning IMPATIENT = new Tuning(
            QUICK.lease(),
            QUICK.lockDeadline(),
            QUICK.courtesy(),
            Duration.ofSeconds(2),
            QUICK.captureLife(),
            QUICK.captureLimit());

    /** Keeps few changes. */
    static final Tuning FORGETFUL = new Tuning(
            QUICK.lease(), QUICK.lockDeadline(), QUICK.courtesy(), QUICK.patience(), QUICK.captureLife(), 200);

    final PostgresServer server;
    final String database;
    final List<RunEvent> events = new CopyOnWriteArrayList<>();

    Ledger(PostgresServer server, String database) {
        this.server = server;
        this.database = server.createDatabase(database);
    }

    Ledger withRows(int perDay) {
        server.execute(
                database,
                "CREATE TABLE account (id int PRIMARY KEY, name text)",
                "INSERT INTO account SELECT i, 'account ' || i FROM generate_series(1, 50) AS i",
                """
                CREATE TABLE ledger (
                    day date NOT NULL, id bigint NOT NULL, account int NOT NULL REFERENCES account,
                    amount numeric(12,2) NOT NULL, form int NOT NULL DEFAULT 1, note text,
                    PRIMARY KEY (day, id)) PARTITION BY RANGE (day)
                """,
                "CREATE INDEX ON ledger (account)",
                "CREATE TABLE ledger_1 PARTITION OF ledger FOR VALUES FROM ('2026-01-01') TO ('2026-01-02')",
                "CREATE TABLE ledger_2 PARTITION OF ledger FOR VALUES FROM ('2026-01-02') TO ('2026-01-03')",
                "CREATE TABLE ledger_3 PARTITION OF ledger FOR VALUES FROM ('2026-01-03') TO ('2026-01-04')",
                "CREATE TABLE ledger_rest PARTITION OF ledger DEFAULT",
                "INSERT INTO ledger SELECT date '2026-01-01' + (i %% 3), i, 1 + i %% 50, i, 1, 'n' || i FROM generate_series(1, %d) AS i"
                        .formatted(perDay * 3),
                "ANALYZE");
        return this;
    }

    Backfill backfill() {
        return backfill(Map.of());
    }

    Backfill backfill(Map<String, String> assertions) {
        return backfill(assertions, List.of());
    }

    Backfill backfill(Map<String, String> assertions, List<String> replicas) {
        Map<String, String> set = new java.util.LinkedHashMap<>();
        set.put("amount", "amount * 100");
        set.put("form", "2");
        Rebuild rebuild = new Rebuild(
                new TableName("public", "ledger"),
                PartitionRange.all(),
                set,
                "form = 2",
                ApplicationWrites.OLD,
                LiveWrites.CAPTURE,
                Duration.ofDays(7));
        return new Backfill("fix-amount", Profile.DEV, rebuild, Pace.unlimited(), 1_000, 3, assertions, replicas);
    }

    /** Another backfill of the same table: it notes what is not noted. */
    Backfill otherBackfill() {
        return other("note-notes", Map.of("note", "note || '!'"), "note LIKE '%!'", Duration.ofDays(7));
    }

    Backfill other(String name, Map<String, String> set, String right, Duration keepOld) {
        Rebuild rebuild = new Rebuild(
                new TableName("public", "ledger"),
                PartitionRange.all(),
                set,
                right,
                ApplicationWrites.OLD,
                LiveWrites.CAPTURE,
                keepOld);
        return new Backfill(name, Profile.DEV, rebuild, Pace.unlimited(), 1_000, 3, Map.of(), List.of());
    }

    Engine engine() {
        return engine(Probe.NONE);
    }

    Engine engine(Probe probe) {
        return engine(QUICK, probe);
    }

    Engine engine(Tuning tuning, Probe probe) {
        return new Neap(new PostgresDialect(), server.target(database), tuning, probe);
    }

    RunResult run(Probe probe) {
        return run(QUICK, probe);
    }

    RunResult run(Tuning tuning, Probe probe) {
        Engine engine = engine(tuning, probe);
        Plan plan = engine.plan(backfill());
        if (plan.refused()) {
            throw new IllegalStateException(plan.findings().toString());
        }
        RunListener listener = events::add;
        return engine.run(plan, listener, new Stop());
    }

    /** Waits until the run has said this, but less long than its patience lasts. */
    void awaitSaid(String words) {
        Awaitility.await()
                .atMost(QUICK.patience().multipliedBy(3).dividedBy(4))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> events.toString().contains(words));
    }

    String text(String sql) {
        return textOn(server, sql);
    }

    long number(String sql) {
        return Long.parseLong(text(sql));
    }

    /** The same on another server, such as a standby. */
    long numberOn(PostgresServer other, String sql) {
        return Long.parseLong(textOn(other, sql));
    }

    private String textOn(PostgresServer other, String sql) {
        try (Connection c = other.connect(database);
                Statement s = c.createStatement();
                ResultSet rs = s.executeQuery(sql)) {
            rs.next();
            return String.valueOf(rs.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
