package dev.neap.postgres.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.Database;
import dev.neap.dialect.Tuning;
import dev.neap.plan.RunSessions;
import dev.neap.postgres.PostgresDialect;
import dev.neap.postgres.preflight.ServerPreflight;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.TcpProxy;
import dev.neap.throttle.Batches;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import dev.neap.throttle.Watched;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real server and its replica say. */
class PostgresSignalsTest {
    private static final String DATABASE = "signals";
    private static final String RUN = "neap run 1";

    @TempDir
    Path folder;

    private Backfill backfill(String throttle) throws IOException {
        return Read.file(folder, throttle);
    }

    private static Watched watched(PostgresServer server, String user, Backfill backfill) throws SQLException {
        return new PostgresSignals(RUN, () -> server.connect(DATABASE, user), List.of()).of(backfill);
    }

    private Signal own(String sql) throws Exception {
        Backfill backfill = backfill("throttle:\n  replica_lag: none\n  signals:\n    - name: own\n      sql: \"" + sql
                + "\"\n      limit: 10\n");
        PostgresServer server = PostgresServer.newest();
        return new PostgresSignals(RUN, () -> server.connect("postgres"), List.of())
                .of(backfill)
                .signals()
                .get(0);
    }

    @Test
    void a_paused_replica_is_behind_an_idle_primarys_is_not_and_one_that_is_gone_says_nothing() throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby()) {
            primary.createDatabase(DATABASE);
            primary.execute(DATABASE, "CREATE TABLE t (a int)", "CREATE ROLE plain LOGIN");
            primary.awaitReplay(standby);
            Backfill backfill = backfill("");
            PostgresSignals.Standby named =
                    new PostgresSignals.Standby("the standby", () -> standby.connect("postgres"));
            try (Signal found = watched(primary, "postgres", backfill).signals().get(0);
                    Signal byName = new PostgresSignals(RUN, () -> primary.connect(DATABASE), List.of(named))
                            .of(backfill)
                            .signals()
                            .get(0)) {
                for (Signal lag : List.of(found, byName)) {
                    Read.until(lag, reading -> !reading.missed() && reading.value() == 0);
                    standby.execute("postgres", "SELECT pg_wal_replay_pause()");
                    assertThat(Read.until(lag, reading -> !reading.missed()).value())
                            .as("nothing is written, nothing is missing")
                            .isZero();
                    primary.execute(DATABASE, "SET synchronous_commit = local; INSERT INTO t VALUES (1)");
                    assertThat(Read.until(lag, reading -> reading.value() > 1).about())
                            .contains("standby");
                    standby.execute("postgres", "SELECT pg_wal_replay_resume()");
                    Read.until(lag, reading -> !reading.missed() && reading.value() == 0);
                }
                standby.stop();
                assertThat(Read.until(found, Reading::missed).missing())
                        .contains("replica standby")
                        .contains("it is gone");
                assertThat(Read.until(byName, Reading::missed).missing()).contains("replica the standby: ");
            }
            notSeen(primary, standby);
            heldBack(primary, standby);
        }
    }

    @Test
    void a_replica_that_was_seen_counts_when_the_process_attaches_again_and_not_on_another_server() throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby();
                Database database = new PostgresDialect().open(primary.target("postgres"), Tuning.DEFAULT)) {
            Backfill backfill = backfill("throttle: { replica_lag: 2s }\n");
            primary.awaitReplay(standby);
            try (Signal lag =
                    database.signals(backfill, 7, new Batches(0)).signals().get(0)) {
                assertThat(Read.until(lag, reading -> !reading.missed()).value())
                        .isZero();
            }
            standby.stop();
            try (Signal lag =
                    database.signals(backfill, 7, new Batches(0)).signals().get(0)) {
                assertThat(Read.until(lag, Reading::missed).missing()).contains("replica standby", "it is gone");
            }
        }
        BeforeRun before = new BeforeRun();
        before.replicas("one/1").add("a");
        assertThat(before.replicas("one/1")).containsExactly("a");
        assertThat(before.replicas("one/2"))
                .as("one of them may have been promoted")
                .isEmpty();
    }

    /** Which checks of the server have something to say. */
    private static List<String> checks(PostgresServer server, String user, Backfill backfill) throws SQLException {
        try (Connection connection = server.connect(DATABASE, user)) {
            connection.setAutoCommit(false);
            return ServerPreflight.look(connection, backfill).stream()
                    .map(Finding::check)
                    .toList();
        }
    }

    private static void heldBack(PostgresServer primary, PostgresServer standby) throws Exception {
        standby.execute(
                "postgres",
                "ALTER SYSTEM SET hot_standby_feedback = on",
                "ALTER SYSTEM SET wal_receiver_status_interval = '1s'",
                "SELECT pg_reload_conf()");
        OldestTransaction oldest = new OldestTransaction(RUN);
        try (Connection connection = primary.connect(DATABASE);
                Connection reader = standby.connect(DATABASE);
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
            statement.execute("SELECT count(*) FROM t");
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
                primary.execute(DATABASE, "INSERT INTO t VALUES (2)");
                Reading reading = oldest.at(connection);
                return reading.value() > 0.5 && reading.about().startsWith("standby ");
            });
            reader.rollback();
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
                primary.execute(DATABASE, "INSERT INTO t VALUES (3)");
                return oldest.at(connection).about().isEmpty();
            });
        }
    }

    private void notSeen(PostgresServer primary, PostgresServer standby) throws Exception {
        try (Signal none = watched(primary, "plain", backfill("")).signals().get(0)) {
            assertThat(none.read().missed()).isFalse();
            standby.start();
            assertThat(Read.until(none, Reading::missed).missing())
                    .as("it came later, and is no replica that is up to date")
                    .contains("GRANT pg_read_all_stats");
        }
        primary.awaitReplay(standby);

        Watched watched = watched(primary, "plain", backfill(""));
        assertThat(watched.signals()).noneMatch(ReplicaLag.class::isInstance);
        assertThat(watched.off().toString()).contains("GRANT pg_read_all_stats TO plain");
        Backfill asks = backfill("throttle: { replica_lag: 2s }\n");
        assertThatThrownBy(() -> watched(primary, "plain", asks))
                .hasMessageContaining("throttle.replica_lag: there are");

        assertThat(checks(primary, "plain", backfill(""))).contains("replica-lag");
        assertThat(checks(primary, "plain", asks)).doesNotContain("replica-lag");
        primary.execute("postgres", "GRANT pg_read_all_stats TO plain");
        assertThat(checks(primary, "plain", backfill(""))).doesNotContain("replica-lag");
        try (Signal lag = watched(primary, "plain", asks).signals().get(0)) {
            Read.until(lag, reading -> !reading.missed());
            primary.execute("postgres", "REVOKE pg_read_all_stats FROM plain");
            assertThat(Read.until(lag, Reading::missed).missing()).contains("replica");
        }
    }

    @Test
    void signals_have_no_more_sessions_than_a_plan_says() throws Exception {
        Backfill backfill = backfill("""
                profile: prod
                throttle:
                  canary: { sql: SELECT 1 }
                  signals: { name: own, sql: SELECT 0, limit: 1 }
                """);
        PostgresServer server = PostgresServer.newest();
        server.createDatabase("watched");
        server.execute(
                "watched",
                "ALTER DATABASE watched SET synchronous_commit = on",
                "CREATE SCHEMA neap",
                "CREATE SEQUENCE neap.timed_commit");

        Watched watched = new PostgresSignals(RUN, () -> server.connect("watched"), List.of()).of(backfill);
        watched.signals().forEach(Signal::read);

        try (Connection c = server.connect("watched")) {
            assertThat(Query.of(c, "SELECT count(*) FROM pg_stat_activity WHERE datname = 'watched'")
                            .number())
                    .isEqualTo(RunSessions.of(backfill).watching() + 1);
        }
        watched.signals().forEach(Signal::close);
    }

    @Test
    void without_a_replica_nobody_is_behind() throws Exception {
        PostgresServer server = PostgresServer.newest();
        try (Signal lag = new PostgresSignals(RUN, () -> server.connect("postgres"), List.of())
                .of(backfill(""))
                .signals()
                .get(0)) {
            assertThat(lag.read()).isEqualTo(Reading.of(0, ""));
            assertThat(lag.limits().limit()).isEqualTo(2);
            assertThat(lag.limits().warning()).isEqualTo(1);
        }
    }

    @Test
    void a_query_of_ones_own_yields_one_number() throws Exception {
        try (Signal own = own("SELECT 7.5")) {
            assertThat(own.read()).isEqualTo(Reading.of(7.5, ""));
            assertThat(own.limits().limit()).isEqualTo(10);
            assertThat(own.limits().warning()).isEqualTo(5);
        }
    }

    @Test
    void whatever_else_it_yields_is_no_value() throws Exception {
        Map<String, String> queries = Map.of(
                "SELECT NULL::int", "yields null",
                "SELECT 1 WHERE false", "yields 0 rows",
                "SELECT generate_series(1, 2)", "yields 2 rows",
                "SELECT 'many'", "'many', which is no number",
                "SELECT 'NaN'::float8", "no measure",
                "SELECT -1", "no measure",
                "SELECT 1 FROM not_there", "not_there",
                "SELECT pg_sleep(5)", "statement timeout",
                "CREATE TABLE signals_made (a int)", "read-only transaction");
        for (Map.Entry<String, String> query : queries.entrySet()) {
            try (Signal own = own(query.getKey())) {
                assertThat(own.read().missing()).as(query.getKey()).contains(query.getValue());
                assertThat(own.read().missed()).as("again: %s", query.getKey()).isTrue();
            }
        }
    }

    @Test
    void a_query_that_takes_its_two_seconds_holds_up_neither_the_look_at_lock_waits_nor_the_server_s_signals()
            throws Exception {
        Backfill backfill = backfill("""
                profile: prod
                throttle:
                  replica_lag: none
                  server: { dead_rows: none }
                  signals: { name: slow, sql: "SELECT 0 FROM pg_sleep(1.5)", limit: 1 }
                """);
        PostgresServer server = PostgresServer.newest();
        Watched watched = new PostgresSignals(RUN, () -> server.connect("postgres"), List.of()).of(backfill);
        Signal slow = watched.signals().get(0);
        List<Signal> others = watched.signals().subList(1, watched.signals().size());
        others.forEach(Signal::read);

        CompletableFuture<Reading> own = CompletableFuture.supplyAsync(slow::read);
        Thread.sleep(300);
        assertThat(others)
                .extracting(signal -> signal.limits().signal())
                .contains(LockWaits.NAME, ConnectionsInUse.NAME);
        assertThat(others)
                .allSatisfy(signal -> assertThat(signal.read().missed()).isFalse());
        assertThat(own).as("it sleeps still").isNotDone();

        assertThat(own.get(20, TimeUnit.SECONDS)).isEqualTo(Reading.of(0, ""));
        watched.signals().forEach(Signal::close);
    }

    @Test
    void a_canary_that_takes_longer_for_a_while_says_how_many_times_and_one_that_is_cut_off_is_no_silence()
            throws Exception {
        PostgresServer server = PostgresServer.newest();
        server.createDatabase("canary");
        server.execute("canary", "CREATE TABLE slow (s float8)", "INSERT INTO slow VALUES (0.02)");
        Backfill backfill =
                backfill("throttle: { replica_lag: none, canary: { sql: SELECT pg_sleep(s) FROM slow } }\n");
        try (Signal latency = new PostgresSignals(RUN, () -> server.connect("canary"), List.of())
                .of(backfill)
                .signals()
                .get(0)) {
            assertThat(latency.limits())
                    .isEqualTo(new Limits(
                            "latency", Limits.Unit.TIMES, 2, 3, Duration.ofMillis(500), Duration.ofMillis(2_500)));
            assertThat(latency.read().missing()).contains("measured, 1 of 9 times");
            Read.until(latency, reading -> !reading.missed() && reading.value() < 2);

            server.execute("canary", "UPDATE slow SET s = 0.3");
            Reading slow = Read.until(latency, reading -> reading.value() > 3);
            assertThat(slow.about()).matches("the canary \\(now [3-9]\\d\\d\\.. ms, before the run [2-9]\\d\\.. ms\\)");

            server.execute("canary", "UPDATE slow SET s = 20");
            assertThat(latency.read().value()).as("after two seconds").isGreaterThan(3);
            try (Connection holder = server.connect("canary");
                    Statement statement = holder.createStatement()) {
                holder.setAutoCommit(false);
                statement.execute("LOCK TABLE slow IN ACCESS EXCLUSIVE MODE");
                assertThat(latency.read().value()).as("it waits for a lock").isGreaterThan(3);
            }
            server.execute("canary", "DROP TABLE slow");
            assertThat(latency.read().missing()).contains("slow");
        }
    }

    @Test
    void what_a_canary_took_before_the_run_is_known_when_its_process_attaches_again() throws Exception {
        PostgresServer server = PostgresServer.newest();
        server.createDatabase("attached");
        server.execute("attached", "CREATE TABLE slow (s float8)", "INSERT INTO slow VALUES (0.02)");
        Backfill backfill =
                backfill("throttle: { replica_lag: none, canary: { sql: SELECT pg_sleep(s) FROM slow } }\n");
        try (Database database = new PostgresDialect().open(server.target("attached"), Tuning.DEFAULT)) {
            try (Signal latency =
                    database.signals(backfill, 7, new Batches(0)).signals().get(0)) {
                Read.until(latency, reading -> !reading.missed());
            }
            server.execute("attached", "UPDATE slow SET s = 0.3");
            try (Signal latency =
                    database.signals(backfill, 7, new Batches(0)).signals().get(0)) {
                assertThat(Read.until(latency, reading -> reading.value() > 3).about())
                        .containsPattern("before the run [2-9]\\d\\.. ms");
            }
        }
    }

    @Test
    void a_server_that_is_cut_off_is_waited_for_no_longer_than_a_few_seconds() throws Exception {
        PostgresServer server = PostgresServer.newest();
        try (TcpProxy proxy = new TcpProxy(server.port())) {
            String url = "jdbc:postgresql://localhost:" + proxy.port() + "/postgres?user=postgres";
            SignalSession session = new SignalSession(() -> DriverManager.getConnection(url));
            SignalSession.Look look = connection ->
                    Reading.of((double) Query.of(connection, "SELECT 7").number(), "");
            assertThat(session.read(look)).isEqualTo(Reading.of(7, ""));

            proxy.stall(true);
            long began = System.nanoTime();
            assertThat(session.read(look).missed()).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));

            proxy.stall(false);
            assertThat(session.read(look)).as("a new session").isEqualTo(Reading.of(7, ""));
            session.close();
        }
    }
}
