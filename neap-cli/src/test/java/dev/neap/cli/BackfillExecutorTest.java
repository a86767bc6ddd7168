package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** scripts/backfill_executor.sh, run for real, against a real server. */
class BackfillExecutorTest {
    private static final Path SCRIPTS =
            Path.of("..", "scripts").toAbsolutePath().normalize();

    private static PostgresServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void tables() throws SQLException {
        server = PostgresServer.newest();
        server.createDatabase("executor");
        server.execute(
                "executor",
                "CREATE TABLE users_legacy (id bigint PRIMARY KEY, full_name text NOT NULL)",
                "CREATE TABLE users (id bigint PRIMARY KEY, first_name text)",
                "INSERT INTO users_legacy SELECT n, 'Ada ' || n FROM generate_series(1, 3000) n",
                "ANALYZE");
    }

    @BeforeEach
    void files() throws IOException {
        Files.createSymbolicLink(folder.resolve("scripts"), SCRIPTS);
        Path neap = Files.writeString(
                folder.resolve("neap"),
                "#!/bin/sh\nexec '" + Path.of(System.getProperty("java.home"), "bin", "java")
                        + "' -XX:TieredStopAtLevel=1 -cp '" + System.getProperty("java.class.path")
                        + "' dev.neap.cli.Main \"$@\"\n");
        assertThat(neap.toFile().setExecutable(true)).isTrue();
        Files.writeString(folder.resolve("backfill.yaml"), """
                backfill: split
                profile: dev
                connection: ${DATABASE_URL}
                fill:
                  from: users_legacy
                  into: users
                  set: { id: id, first_name: "split_part(full_name, ' ', 1)" }
                """);
    }

    private record Ended(int code, String said) {}

    /** @param line as it is typed */
    private Ended shell(String line) throws Exception {
        Path said = folder.resolve("said");
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", line)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment()
                .putAll(Map.of(
                        "NEAP", folder.resolve("neap").toString(),
                        "DATABASE_URL", server.target("executor").printable()));
        Process process = builder.start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return new Ended(process.exitValue(), Files.readString(said, StandardCharsets.UTF_8));
    }

    private static long users() throws SQLException {
        try (Connection connection = server.connect("executor");
                Statement s = connection.createStatement();
                ResultSet rows = s.executeQuery("SELECT count(*) FROM users")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Test
    void the_command_line_of_old_validates_then_runs_dry_and_then_for_real() throws Exception {
        Ended validated = shell("BACKFILL_DRY_RUN=true BATCH_SIZE=1000 TARGET_TABLE=users_legacy"
                + " ./scripts/backfill_executor.sh --mode=validate --output=explain_plan.json");

        assertThat(validated.code()).as(validated.said()).isZero();
        JsonNode plan =
                new JsonMapper().readTree(folder.resolve("explain_plan.json").toFile());
        assertThat(plan.at("/backfill/batch_rows").asInt()).isEqualTo(1000);
        assertThat(plan.at("/explain/statements/1/plan/name").asText()).isEqualTo("write");
        assertThat(plan.at("/explain/statements/1/verdict").asText())
                .contains("public.users_legacy by users_legacy_pkey");
        assertThat(plan.at("/explain/statements/1/plan/json/0/Plan/Node Type").asText())
                .isEqualTo("ModifyTable");
        assertThat(users()).isZero();

        Ended dry = shell("BACKFILL_DRY_RUN=true ./scripts/backfill_executor.sh --mode=run");

        assertThat(dry.code()).as(dry.said()).isZero();
        assertThat(users()).isZero();

        Ended run =
                shell("NEAP_FILE=backfill.yaml TARGET_TABLE=public.users ./scripts/backfill_executor.sh --mode=run");

        assertThat(run.code()).as(run.said()).isZero();
        assertThat(users()).isEqualTo(3000);
    }

    @Test
    void what_makes_no_sense_ends_with_2_and_says_what_would() throws Exception {
        Map<String, List<String>> wrong = Map.of(
                "./scripts/backfill_executor.sh --mode=purge",
                        List.of("unknown mode 'purge'; there are validate and run"),
                "./scripts/backfill_executor.sh", List.of("no mode is given"),
                "./scripts/backfill_executor.sh --mode=run --force", List.of("unknown argument '--force'"),
                "BATCH_SIZE=many ./scripts/backfill_executor.sh --mode=run", List.of("BATCH_SIZE is 'many'"),
                "BACKFILL_DRY_RUN=yes ./scripts/backfill_executor.sh --mode=run",
                        List.of("BACKFILL_DRY_RUN is 'yes'; it can be true or false"),
                "NEAP_FILE=none.yaml ./scripts/backfill_executor.sh --mode=run", List.of("there is no file none.yaml"),
                "TARGET_TABLE=orders ./scripts/backfill_executor.sh --mode=run",
                        List.of("TARGET_TABLE is 'orders', and ./backfill.yaml is about", "users_legacy", "users"));
        for (Map.Entry<String, List<String>> one : wrong.entrySet()) {
            Ended ended = shell(one.getKey());

            assertThat(ended.code()).as(one.getKey() + ended.said()).isEqualTo(2);
            assertThat(ended.said()).contains(one.getValue());
        }
    }
}
