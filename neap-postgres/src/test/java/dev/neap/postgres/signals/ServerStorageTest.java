package dev.neap.postgres.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Environment;
import dev.neap.backfill.ServerSignal;
import dev.neap.postgres.query.Query;
import dev.neap.testkit.PostgresServer;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import dev.neap.throttle.Watched;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server writes, and the room that it has. */
class ServerStorageTest {
    private static final String DATABASE = "postgres";
    private static final String LOG = ServerSignal.WAL_RATE.label();
    private static final String TEMPORARY = ServerSignal.TEMP_FILES.label();
    private static final String NO_LAG = "throttle: { replica_lag: none }\n";

    private static PostgresServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        server = PostgresServer.start(18, Map.of());
        server.execute(
                DATABASE,
                "CREATE ROLE sees LOGIN IN ROLE pg_read_all_stats",
                "CREATE ROLE blind LOGIN SUPERUSER",
                "ALTER ROLE blind SET track_counts = off");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private Watched watched(String user, String throttle) throws SQLException, IOException {
        Path file = folder.resolve("fill.yaml");
        Files.writeString(file, "backfill: fill\nfill: { into: t, set: { a: b } }\n" + throttle);
        Backfill backfill = BackfillFile.read(file, Environment.system()).backfill();
        return new PostgresSignals("neap run 1", () -> server.connect(DATABASE, user), List.of()).of(backfill);
    }

    private static Signal of(Watched watched, String name) {
        return watched.signals().stream()
                .filter(signal -> signal.limits().signal().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void await(Signal signal, double atLeast) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> signal.read().value() > atLeast);
    }

    private static void close(Watched watched) {
        watched.signals().forEach(Signal::close);
    }

    @Test
    void the_load_of_the_machine_is_read_where_the_file_asks_and_refused_where_it_cannot_be() throws Exception {
        String asks = "throttle: { replica_lag: none, server: { cpu: 90% } }\n";
        Watched watched = watched("postgres", asks);

        Signal cpu = of(watched, ServerSignal.CPU.label());
        assertThat(cpu.read().missing()).isEqualTo("it takes two looks, a second apart");
        assertThat(cpu.read().missed()).isFalse();
        assertThatThrownBy(() -> watched("sees", asks)).hasMessageContaining("throttle.server.cpu: the server is on");
        close(watched);
    }

    @Test
    void what_is_written_to_the_log_and_to_temporary_files_counts_by_the_second() throws Exception {
        Watched watched = watched("postgres", NO_LAG);
        Signal log = of(watched, LOG);
        Signal temporary = of(watched, TEMPORARY);
        assertThat(log.read()).isEqualTo(Reading.of(0, ""));
        assertThat(temporary.read().value()).isZero();
        try (Connection session = server.connect(DATABASE);
                Statement statement = session.createStatement()) {

            statement.execute("CREATE TABLE written AS SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
            await(log, 1_000_000);
            statement.execute("SET work_mem = '64kB'");
            statement.execute(
                    "SELECT count(*) FROM (SELECT n FROM generate_series(1, 500000) n ORDER BY n DESC) AS sorted");
        }
        // A session that is idle may keep to itself for ten seconds what it wrote; one that has ended has told it.
        await(temporary, 100_000);
        close(watched);
    }

    @Test
    void what_a_server_does_not_count_is_off_and_said() throws Exception {
        Watched watched = watched("blind", NO_LAG);

        assertThat(watched.signals())
                .extracting(signal -> signal.limits().signal())
                .contains(LOG)
                .doesNotContain(TEMPORARY, DeadRows.NAME, Deadlocks.NAME);
        assertThat(watched.off())
                .filteredOn(why -> why.contains("SET track_counts = on"))
                .hasSize(3);
        assertThatThrownBy(() -> watched("blind", "throttle: { server: { temp_files: 1GB } }\n"))
                .hasMessageStartingWith("throttle.server.temp_files: the server does not count it");
        close(watched);
    }

    @Test
    void the_disk_is_seen_where_the_server_is_here_and_by_a_role_that_may_know_where_its_data_is() throws Exception {
        Watched watched = watched("postgres", NO_LAG);
        try (Connection session = server.connect(DATABASE)) {
            Path data = Path.of(Query.of(session, "SHOW data_directory").text());
            FileStore disk = Files.getFileStore(data);
            double free = 100.0 * disk.getUsableSpace() / disk.getTotalSpace();
            assertThat(of(watched, DiskInUse.NAME).read().value()).isCloseTo(100 - free, within(2.0));
            assertThat(of(watched, DiskInUse.NAME).limits().warning()).isEqualTo(97);
        }
        close(watched);

        Watched sees = watched("sees", NO_LAG);
        assertThat(sees.off())
                .filteredOn(why -> why.startsWith("the share of the disk in use is not watched"))
                .singleElement()
                .asString()
                .contains("pg_read_all_settings");
        close(sees);
        assertThatThrownBy(() -> watched("sees", "throttle: { replica_lag: none, server: { disk: 90% } }\n"))
                .hasMessageStartingWith("throttle.server.disk: the server is on another machine");
    }
}
