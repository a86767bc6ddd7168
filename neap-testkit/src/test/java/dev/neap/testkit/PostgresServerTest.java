package dev.neap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresServerTest {
    @ParameterizedTest
    @ValueSource(ints = {14, 15, 16, 17, 18})
    void each_supported_version_starts_and_answers(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);

        assertThat(ask(server, "postgres", "SHOW server_version")).startsWith(major + ".");
        assertThat(PostgresServer.of(major)).isSameAs(server);
    }

    @Test
    void a_database_made_twice_is_empty_again() throws Exception {
        PostgresServer server = PostgresServer.newest();
        server.createDatabase("twice");
        server.execute("twice", "CREATE TABLE t (id int)");

        server.createDatabase("twice");

        assertThat(ask(server, "twice", "SELECT to_regclass('public.t') IS NULL"))
                .isEqualTo("t");
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void a_restarted_or_killed_server_comes_back_with_its_data_on_its_port(int major) throws Exception {
        try (PostgresServer server = PostgresServer.start(major, Map.of("fsync", "on", "synchronous_commit", "on"))) {
            server.createDatabase("kept");
            server.execute("kept", "CREATE TABLE t (id int)", "INSERT INTO t VALUES (7)");
            String url = server.url("kept");

            server.restart();
            assertThat(ask(server, "kept", "SELECT id FROM t")).isEqualTo("7");
            server.kill();
            server.start();

            assertThat(ask(server, "kept", "SELECT id FROM t")).isEqualTo("7");
            assertThat(server.url("kept")).isEqualTo(url);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void a_standby_replays_what_the_primary_commits(int major) throws Exception {
        try (PostgresServer primary = PostgresServer.start(major, Map.of());
                PostgresServer standby = primary.standby()) {
            primary.createDatabase("copied");
            primary.execute("copied", "CREATE TABLE t (id int)", "INSERT INTO t VALUES (7)");
            primary.awaitReplay(standby);

            assertThat(ask(standby, "copied", "SELECT id FROM t")).isEqualTo("7");
            assertThat(ask(standby, "copied", "SELECT pg_is_in_recovery()")).isEqualTo("t");
        }
    }

    @Test
    void a_closed_server_leaves_no_files() {
        PostgresServer server = PostgresServer.start(18, Map.of());

        server.close();

        assertThat(Files.exists(server.data().getParent())).isFalse();
    }

    @Test
    void a_server_that_cannot_start_says_why() {
        assertThatThrownBy(() -> PostgresServer.start(18, Map.of("wal_level", "nonsense"), Duration.ofSeconds(3)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("PostgreSQL 18 did not start")
                .hasMessageContaining("wal_level");
    }

    @Test
    void a_version_that_is_not_there_is_named() {
        assertThatThrownBy(() -> PostgresServer.of(9))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no PostgreSQL 9 in");
    }

    private static String ask(PostgresServer server, String database, String sql) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
