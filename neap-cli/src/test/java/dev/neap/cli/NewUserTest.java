package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.Shellish.Ran;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody who has never seen Neap types, in that order, against a real server. */
class NewUserTest {
    @TempDir
    Path folder;

    @Test
    void comes_from_init_to_a_rebuilt_table_and_leaves_no_trace() throws Exception {
        PostgresServer server = PostgresServer.newest();
        server.createDatabase("new_user");
        server.execute(
                "new_user",
                "CREATE TABLE events (id bigint, day date, legacy text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                "CREATE TABLE events_01 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                "CREATE TABLE events_02 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
                "INSERT INTO events SELECT i, date '2024-01-01' + i % 60, 'old' FROM generate_series(1, 6000) i",
                "ANALYZE events");
        Shellish shell = new Shellish(folder);
        shell.engines = target -> new Neap(new PostgresDialect(), target, Tuning.DEFAULT, Probe.NONE);
        String url = server.target("new_user").printable();
        shell.variables.put("DATABASE_URL", url);
        shell.variables.put("NEAP_RATE", "none");
        Path file = folder.resolve("it.yaml");

        Ran init = shell.run("init", url, "events", "--output", file);
        Files.writeString(file, Files.readString(file).replace("legacy: legacy", "legacy: upper(legacy)"));
        Ran plan = shell.run("plan", file);
        Ran early = shell.run("run", file, "--yes", "--metrics", "0");
        Ran approve = shell.run(approval(plan, file));
        Ran unwatched = shell.run("run", file, "--yes");
        Ran run = shell.run("run", file, "--yes", "--metrics", "0");
        Ran status = shell.run("status", file);
        Ran refused = shell.run("uninstall", file, "--yes");
        Ran uninstall = shell.run("uninstall", file, "--yes", "--force");

        assertThat(init.lastLine()).isEqualTo("Next: neap plan it.yaml");
        assertThat(plan.lastLine())
                .isEqualTo("Next: neap approve " + hash(plan).substring(0, 12)
                        + " it.yaml --answer 'metrics=…' --answer 'load=…', then: neap run it.yaml");
        assertThat(early.exitCode()).isEqualTo(2);
        assertThat(early.out()).contains("Not approved: nobody has approved this plan.", hash(plan));
        assertThat(early.lastLine())
                .startsWith("Next: neap approve " + hash(plan).substring(0, 12) + " it.yaml");
        assertThat(approve.out()).contains("is approved by ada (role postgres)");
        assertThat(approve.lastLine()).isEqualTo("Next: neap run it.yaml --metrics PORT");
        assertThat(unwatched.exitCode()).isEqualTo(2);
        assertThat(unwatched.out()).contains("Not answered:\nwarning metrics: nobody can watch the run from outside");
        assertThat(run.err()).matches("neap: metrics at http://127.0.0.1:\\d+/metrics\n");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("public.events_01 done", "public.events_02 done", "2 units done, 6,000 rows");
        assertThat(status.out()).contains("State  done");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("--force");
        assertThat(uninstall.exitCode()).isZero();
        assertThat(one(server, "SELECT count(*) FROM events WHERE legacy = 'OLD'"))
                .isEqualTo(6000);
        assertThat(one(server, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'neap%'"))
                .isZero();
    }

    /** With an answer to each warning of the plan, but that it cannot be watched: it is to have metrics. */
    private static Object[] approval(Ran plan, Path file) {
        List<Object> words = new ArrayList<>(List.of("approve", hash(plan), file));
        Pattern.compile("(?m)^warning ([a-z-]+):")
                .matcher(plan.out())
                .results()
                .filter(warning -> !warning.group(1).equals("metrics"))
                .forEach(warning -> words.addAll(List.of("--answer", warning.group(1) + "=it is meant")));
        return words.toArray();
    }

    private static String hash(Ran plan) {
        Matcher hash = Pattern.compile("\\b[0-9a-f]{64}\\b").matcher(plan.out());
        assertThat(hash.find()).as(plan.out()).isTrue();
        return hash.group();
    }

    private static long one(PostgresServer server, String query) throws SQLException {
        try (Connection connection = server.connect("new_user");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
