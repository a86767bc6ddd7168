package dev.neap.postgres.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Environment;
import dev.neap.testkit.PostgresServer;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import dev.neap.throttle.Watched;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application's statements, as the server counts them. */
class StatementTimeTest {
    private static final String ASKED = "throttle: { replica_lag: none, server: { statements: 3x } }\n";

    private static final String TOO_FEW = "the application (too few calls to tell)";

    private static PostgresServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        server = PostgresServer.start(18, Map.of("shared_preload_libraries", "pg_stat_statements"));
        server.execute(
                "postgres",
                "CREATE ROLE app LOGIN",
                "CREATE ROLE plain LOGIN",
                "CREATE SCHEMA \"Extensions\"",
                "CREATE EXTENSION pg_stat_statements SCHEMA \"Extensions\"",
                "CREATE TABLE t (a int PRIMARY KEY, b int)",
                "CREATE TABLE feels (s float8)",
                "INSERT INTO feels VALUES (0.005)",
                "GRANT SELECT ON feels TO app");
        server.createDatabase("without");
        server.execute("without", "CREATE TABLE t (a int PRIMARY KEY, b int)");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private Watched watched(PostgresServer on, String database, String user, String rest)
            throws SQLException, IOException {
        Path file = folder.resolve("fill.yaml");
        Files.writeString(file, "backfill: fill\nprofile: dev\nfill: { into: t, set: { a: b } }\n" + rest);
        return new PostgresSignals("neap run 1", () -> on.connect(database, user), List.of())
                .of(BackfillFile.read(file, Environment.system()).backfill());
    }

    private static void call(Connection connection, int times) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (int i = 0; i < times; i++) {
                statement.execute("SELECT pg_sleep(s) FROM feels");
            }
        }
    }

    @Test
    void what_other_roles_call_is_compared_with_what_it_took_before_and_what_neaps_own_calls_is_not() throws Exception {
        try (Connection app = server.connect("postgres", "app");
                Connection own = server.connect("postgres")) {
            call(app, 1);
            Watched watched = watched(server, "postgres", "postgres", ASKED);
            assertThat(watched.off()).isEmpty();
            Signal signal = watched.signals().get(0);
            assertThat(signal.limits().signal()).isEqualTo(StatementTime.NAME);
            assertThat(signal.limits().warning()).isEqualTo(2);
            for (int i = 0; i <= 5; i++) {
                call(app, 4);
                assertThat(signal.read().missing()).contains("is measured, " + i + " of 5 times");
            }

            call(own, 20);
            assertThat(signal.read()).as("Neap's own role").isEqualTo(Reading.of(1, TOO_FEW));

            server.execute("postgres", "UPDATE feels SET s = 0.2");
            call(app, 12);
            Reading slow = signal.read();
            assertThat(slow.value()).isGreaterThan(2);
            assertThat(slow.about()).startsWith("the application (now ").contains(" ms a call, before the run ");

            server.execute("postgres", "UPDATE feels SET s = 0");
            server.execute("postgres", "SELECT \"Extensions\".pg_stat_statements_reset()");
            call(app, 30);
            assertThat(signal.read())
                    .as("counters that were set back say nothing")
                    .isEqualTo(slow);
            call(app, 200);
            assertThat(signal.read().value()).as("it is quick again").isLessThan(slow.value());
            signal.close();
        }
    }

    @Test
    void a_role_that_may_no_longer_see_the_statements_of_others_has_no_value() throws Exception {
        try (Connection app = server.connect("postgres", "app")) {
            call(app, 1);
        }
        server.execute(
                "postgres",
                "CREATE ROLE sees LOGIN IN ROLE pg_read_all_stats",
                "GRANT USAGE ON SCHEMA \"Extensions\" TO sees");
        try (Signal signal =
                watched(server, "postgres", "sees", ASKED).signals().get(0)) {
            for (int i = 0; i <= 5; i++) {
                signal.read();
            }
            assertThat(signal.read()).isEqualTo(Reading.of(1, TOO_FEW));

            server.execute("postgres", "REVOKE pg_read_all_stats FROM sees");
            assertThat(signal.read().missing()).contains("the role may not see the statements of others any more");
        }
    }

    private void refused(PostgresServer on, String database, String user, String why) {
        assertThatThrownBy(() -> watched(on, database, user, ASKED))
                .hasMessageStartingWith("throttle.server.statements: ")
                .hasMessageContaining(why);
    }

    @Test
    void where_it_cannot_be_read_it_is_refused_with_the_reason() throws Exception {
        refused(server, "without", "postgres", "CREATE EXTENSION pg_stat_statements");
        refused(server, "postgres", "plain", "GRANT USAGE ON SCHEMA \"Extensions\" TO plain");
        server.execute("postgres", "GRANT USAGE ON SCHEMA \"Extensions\" TO plain");
        refused(server, "postgres", "plain", "GRANT pg_read_all_stats TO plain");
        server.execute("without", "CREATE SCHEMA alone", "CREATE EXTENSION pg_stat_statements SCHEMA alone");
        refused(server, "without", "postgres", "no role but postgres has executed a statement here");
        server.execute("without", "DROP EXTENSION pg_stat_statements");

        PostgresServer other = PostgresServer.newest();
        other.createDatabase("not_loaded");
        other.execute("not_loaded", "CREATE TABLE t (a int PRIMARY KEY, b int)", "CREATE EXTENSION pg_stat_statements");
        refused(other, "not_loaded", "postgres", "add it to shared_preload_libraries");
    }
}
