package dev.neap.postgres.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.ServerSignal;
import dev.neap.testkit.PostgresServer;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import dev.neap.throttle.Watched;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server says of itself. */
class ServerGaugesTest {
    private static final String RUN = "neap run 1";
    private static final String EVERY_ONE = """
            throttle: { replica_lag: none }
            """;

    private static PostgresServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        server = PostgresServer.start(
                18,
                Map.of(
                        "max_connections", "23",
                        "superuser_reserved_connections", "3",
                        "archive_mode", "on",
                        "deadlock_timeout", "50ms",
                        "max_prepared_transactions", "2"));
        server.execute(
                "postgres",
                "ALTER SYSTEM SET archive_command = 'false'",
                "SELECT pg_reload_conf()",
                "CREATE ROLE plain LOGIN",
                "CREATE TABLE t (a int PRIMARY KEY, b int) WITH (autovacuum_enabled = off)",
                "INSERT INTO t SELECT n, n FROM generate_series(1, 2000) n");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private Backfill backfill(String rest) throws IOException {
        return Read.file(folder, rest);
    }

    private Watched watched(PostgresServer on, String database, String user, String rest)
            throws SQLException, IOException {
        return new PostgresSignals(RUN, () -> on.connect(database, user), List.of()).of(backfill(rest));
    }

    private Watched watched(String user, String rest) throws SQLException, IOException {
        return watched(server, "postgres", user, rest);
    }

    private Signal signal(String name) throws SQLException, IOException {
        return watched("postgres", EVERY_ONE).signals().stream()
                .filter(signal -> signal.limits().signal().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void close(Watched watched) {
        watched.signals().forEach(Signal::close);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void each_of_them_is_on_by_default_and_has_a_value_on_the_newest_and_the_oldest_server() throws Exception {
        for (PostgresServer each : List.of(server, PostgresServer.oldest())) {
            each.createDatabase("gauges");
            each.execute("gauges", "CREATE TABLE t (a int PRIMARY KEY, b int)");
            Watched watched = watched(each, "gauges", "postgres", EVERY_ONE);
            List<Signal> gauges =
                    watched.signals().stream().filter(Gauge.class::isInstance).toList();

            assertThat(watched.off()).hasSize(3);
            assertThat(watched.off().get(0))
                    .startsWith("the statement time is not watched: ")
                    .contains("CREATE EXTENSION pg_stat_statements");
            assertThat(watched.off().get(1))
                    .startsWith("the commit time is not watched: commits do not wait for the log here");
            assertThat(watched.off().get(2))
                    .isEqualTo("the disturbance is not watched: it is told by the commits of `commits`, which is off");
            assertThat(gauges)
                    .extracting(gauge -> gauge.limits().signal())
                    .containsExactly(
                            ConnectionsInUse.NAME,
                            OldestTransaction.NAME,
                            ArchiveBacklog.NAME,
                            SlotWal.NAME,
                            DeadRows.NAME,
                            Deadlocks.NAME,
                            ServerSignal.WAL_RATE.label(),
                            ServerSignal.TEMP_FILES.label(),
                            DiskInUse.NAME);
            for (Signal gauge : gauges) {
                assertThat(gauge.read().missing()).as(gauge.limits().signal()).isEmpty();
                assertThat(gauge.read().value())
                        .as(gauge.limits().signal())
                        .isLessThan(gauge.limits().warning());
            }
            close(watched);
        }
    }

    @Test
    void one_that_the_file_turns_off_is_off_and_a_limit_of_its_own_holds() throws Exception {
        String file = "throttle: { server: { connections: none, transaction: 5m, slot_wal: 4GB } }\n";

        Watched watched = watched("postgres", file);

        assertThat(watched.signals())
                .extracting(signal ->
                        signal.limits().signal() + " " + signal.limits().limit())
                .contains(OldestTransaction.NAME + " 300.0", SlotWal.NAME + " " + (double) (4L << 30))
                .noneMatch(signal -> signal.startsWith(ConnectionsInUse.NAME));
        close(watched);
    }

    @Test
    void connections_in_use_are_counted_against_what_ordinary_roles_may_have() throws Exception {
        try (Signal signal = signal(ConnectionsInUse.NAME)) {
            Read.until(signal, reading -> reading.value() == 5);
            try (Connection one = server.connect("postgres");
                    Connection other = server.connect("postgres", "plain")) {
                assertThat(one.isValid(5) && other.isValid(5)).isTrue();
                Read.until(signal, reading -> reading.value() == 15);
            }
        }
    }

    @Test
    void the_oldest_transaction_is_one_that_keeps_dead_rows_and_is_not_neaps() throws Exception {
        try (Signal signal = signal(OldestTransaction.NAME);
                Connection other = server.connect("postgres")) {
            other.setAutoCommit(false);
            execute(other, "SET LOCAL application_name = 'report'");
            assertThat(signal.read()).as("it holds no snapshot").isEqualTo(Reading.of(0, ""));

            execute(other, "SELECT pg_current_xact_id(); SELECT pg_sleep(0.2)");
            Reading reading = signal.read();
            assertThat(reading.value()).isBetween(0.2, 60.0);
            assertThat(reading.about()).startsWith("session ").endsWith(" (report)");

            execute(other, "SET LOCAL application_name = 'neap run 1 unit 4'");
            assertThat(signal.read().value()).isZero();

            execute(other, "PREPARE TRANSACTION 'forgotten'");
            assertThat(signal.read().about()).isEqualTo("prepared transaction forgotten");
            other.rollback();
            other.setAutoCommit(true);
            execute(other, "ROLLBACK PREPARED 'forgotten'");
            assertThat(signal.read().value()).isZero();
        }
    }

    @Test
    void whoever_may_not_see_the_transactions_of_others_is_told_so() throws Exception {
        Watched hidden = watched("plain", EVERY_ONE);
        close(hidden);
        assertThat(hidden.off())
                .contains("the age of the oldest transaction is not watched: the role may not see the"
                        + " transactions of others; GRANT pg_read_all_stats TO plain");
        assertThatThrownBy(() -> watched("plain", "throttle: { server: { transaction: 1h } }\n"))
                .hasMessageContaining("throttle.server.transaction: the role may not see");

        server.execute("postgres", "GRANT pg_read_all_stats TO plain");
        Watched watched = watched("plain", EVERY_ONE);
        server.execute("postgres", "REVOKE pg_read_all_stats FROM plain");
        assertThat(watched.signals().stream().map(Signal::read).map(Reading::missing))
                .as("what it may see no longer is not taken for nothing")
                .contains("the role may not see the transactions of others; GRANT pg_read_all_stats TO plain");
        close(watched);
    }

    @Test
    void a_role_that_may_no_longer_come_in_has_no_value_of_any() throws Exception {
        server.execute("postgres", "CREATE ROLE leaving LOGIN SUPERUSER");
        Watched watched = watched("leaving", EVERY_ONE);
        assertThat(watched.signals()).allMatch(signal -> !signal.read().missed());

        server.execute(
                "postgres",
                "ALTER ROLE leaving NOLOGIN",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'leaving'");

        assertThat(watched.signals())
                .hasSizeGreaterThan(6)
                .allMatch(signal -> signal.read().missed());
        assertThat(watched.signals().get(0).read().missing()).contains("leaving");
        close(watched);
    }

    @Test
    void log_that_the_archiver_does_not_take_is_a_backlog() throws Exception {
        try (Signal signal = signal(ArchiveBacklog.NAME)) {
            assertThat(signal.read().value()).isZero();
            for (int i = 0; i < 3; i++) {
                server.execute("postgres", "SELECT pg_logical_emit_message(false, 'neap', 'x'), pg_switch_wal()");
            }
            assertThat(signal.read().value()).isGreaterThanOrEqualTo(3 * 16 * 1024 * 1024);
            Read.until(signal, reading -> reading.about().equals("an archiver that fails"));

            server.execute(
                    "postgres",
                    "ALTER SYSTEM SET archive_command = 'true'",
                    "SELECT pg_reload_conf()",
                    "SELECT pg_logical_emit_message(false, 'neap', 'x'), pg_switch_wal()");
            Read.until(signal, reading -> reading.equals(Reading.of(0, "")));
        }
    }

    @Test
    void a_slot_that_nobody_reads_keeps_log_and_less_is_borne_where_slots_may_keep_less() throws Exception {
        server.execute("postgres", "SELECT pg_create_physical_replication_slot('left_behind', true)");
        try (Signal signal = signal(SlotWal.NAME)) {
            server.execute("postgres", "SELECT pg_logical_emit_message(false, 'neap', repeat('x', 1000000))");
            assertThat(Read.until(signal, reading -> reading.value() > 1e6).about())
                    .isEqualTo("slot left_behind");
        } finally {
            server.execute("postgres", "SELECT pg_drop_replication_slot('left_behind')");
        }
        server.execute("postgres", "ALTER SYSTEM SET max_slot_wal_keep_size = '100MB'", "SELECT pg_reload_conf()");
        try (Connection connection = server.connect("postgres")) {
            for (int i = 0; i < 100 && SlotWal.limits(connection, 10e9).limit() == 10e9; i++) {
                Thread.sleep(50);
            }
            assertThat(SlotWal.limits(connection, 10e9).limit()).isEqualTo(80 * 1024 * 1024);
        } finally {
            server.execute("postgres", "ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()");
        }
    }

    private static Signal deadRows(long few, String... tables) {
        return new Gauge(
                new SignalSession(() -> server.connect("postgres")),
                DeadRows.limits(60),
                new DeadRows(List.of(tables), few));
    }

    @Test
    void dead_rows_count_until_they_are_removed_of_a_partition_too() throws Exception {
        server.execute(
                "postgres",
                "CREATE TABLE parts (a int) PARTITION BY RANGE (a)",
                "CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (9000) WITH (autovacuum_enabled = off)",
                "INSERT INTO parts SELECT generate_series(1, 3000)",
                "DELETE FROM parts WHERE a > 500",
                "UPDATE t SET b = b + 1");
        try (Signal both = deadRows(1_000, "public.t", "public.parts");
                Signal many = deadRows(3_000, "public.t", "public.parts");
                Signal gone = deadRows(1, "public.t", "public.gone")) {
            Reading reading = Read.until(both, some -> some.value() > 50);
            assertThat(reading.value()).isBetween(80.0, 85.0);
            assertThat(reading.about()).isEqualTo("part");
            assertThat(many.read().value()).as("too few to matter").isZero();
            assertThat(gone.read().missing()).isEqualTo("there is no table public.gone");

            server.execute("postgres", "VACUUM parts");
            assertThat(Read.until(both, some -> some.value() < 80).about()).isEqualTo("public.t");
            server.execute("postgres", "VACUUM t");
            Read.until(both, some -> some.value() == 0);
        }
    }

    @Test
    void a_vacuum_that_is_at_work_is_told() throws Exception {
        server.execute(
                "postgres", "CREATE TABLE v AS SELECT n, repeat('x', 500) AS x FROM generate_series(1, 20000) n");
        try (Connection vacuum = server.connect("postgres");
                Signal signal = deadRows(1, "public.v")) {
            execute(vacuum, "SET vacuum_cost_delay = '20ms'; SET vacuum_cost_limit = 10");
            CompletableFuture<Void> work = CompletableFuture.runAsync(() -> {
                try {
                    execute(vacuum, "VACUUM v");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            Read.until(signal, reading -> reading.about().equals("public.v, which is vacuumed now,"));
            server.execute("postgres", "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query = 'VACUUM v'");
            assertThat(work).failsWithin(Duration.ofSeconds(10));
            Read.until(signal, reading -> reading.about().equals("public.v"));
        }
    }

    @Test
    void a_deadlock_counts_once() throws Exception {
        try (Signal signal = signal(Deadlocks.NAME)) {
            assertThat(signal.read().value()).isZero();
            deadlock();

            Read.until(signal, reading -> reading.value() == 1);
            assertThat(signal.read().value()).isZero();
        }
    }

    private static void deadlock() throws Exception {
        try (Connection one = server.connect("postgres");
                Connection other = server.connect("postgres")) {
            one.setAutoCommit(false);
            other.setAutoCommit(false);
            execute(one, "SELECT 1 FROM t WHERE a = 1 FOR UPDATE");
            execute(other, "SELECT 1 FROM t WHERE a = 2 FOR UPDATE");
            CompletableFuture<Boolean> first =
                    CompletableFuture.supplyAsync(() -> lost(one, "SELECT 1 FROM t WHERE a = 2 FOR UPDATE"));
            boolean second = lost(other, "SELECT 1 FROM t WHERE a = 1 FOR UPDATE");
            assertThat(first.get() ^ second).as("one of them loses").isTrue();
        }
    }

    /** Whether a statement fails; either way its transaction holds no lock any more. */
    private static boolean lost(Connection connection, String sql) {
        try {
            execute(connection, sql);
            connection.rollback();
            return false;
        } catch (SQLException e) {
            return true;
        }
    }

    @Test
    void what_is_behind_is_told_from_the_name_of_the_last_file_that_was_archived() {
        long segment = 16L << 20;
        ArchiveBacklog backlog = new ArchiveBacklog();

        assertThat(backlog.behind(10 * segment + 5, segment, null))
                .as("nobody knows what was before")
                .isZero();
        assertThat(backlog.behind(12 * segment, segment, null)).isEqualTo(2 * segment);
        assertThat(backlog.behind(13 * segment, segment, "00000001000000000000000B"))
                .isEqualTo(segment);
        assertThat(backlog.behind(13 * segment, segment, "00000002.history"))
                .as("as before")
                .isEqualTo(segment);
        assertThat(backlog.behind((3L << 32) + 2 * segment, segment, "0000000200000003000000FF"))
                .isZero();
        assertThat(backlog.behind((4L << 32) + 2 * segment, segment, "0000000200000003000000FF"))
                .isEqualTo(2 * segment);
    }
}
