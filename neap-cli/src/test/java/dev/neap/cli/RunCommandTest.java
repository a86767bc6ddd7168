package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.neap.cli.Shellish.Ran;
import dev.neap.dialect.NeapException;
import dev.neap.preflight.Finding;
import dev.neap.run.Engine;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunCommandTest {
    @TempDir
    Path folder;

    private Shellish shell;

    @BeforeEach
    void sit_down() {
        shell = new Shellish(folder);
    }

    @Test
    void metrics_are_there_while_it_runs_and_gone_after_it() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        URI url = URI.create("http://localhost:" + port + "/metrics");
        List<String> seen = new ArrayList<>();
        shell.engine.whileRunning = (listener, stop) -> {
            listener.on(new RunEvent.Started(7, 12, 3, 900, 300, true));
            seen.add(get(url));
        };

        Ran ran = shell.run("run", shell.file(), "--yes", "--metrics", port);

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).startsWith("neap: metrics at http://127.0.0.1:" + port + "/metrics");
        assertThat(seen).singleElement().asString().contains("neap_units{backfill=\"fix\",state=\"done\"} 3");
        assertThat(get(url)).startsWith("nothing answers");
    }

    @Test
    void
            a_place_for_metrics_that_is_none_is_refused_before_anything_is_looked_at_and_one_that_is_taken_before_it_begins()
                    throws IOException {
        Ran none = shell.run("run", shell.file(), "--yes", "--metrics", "no");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.err()).contains("--metrics cannot be 'no'; write a port such as 9187, or 0.0.0.0:9187");
        assertThat(shell.engine.asked).isEmpty();

        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
            int port = taken.getLocalPort();
            Ran late = shell.run("run", shell.file(), "--yes", "--metrics", port);

            assertThat(late.exitCode()).isEqualTo(2);
            assertThat(late.err()).contains("--metrics " + port + ": nothing can listen there: ");
            assertThat(shell.engine.asked).isNotEmpty().doesNotContain("run");
        }
    }

    @Test
    void what_was_written_of_a_run_that_fails_stays_in_the_file_and_the_failure_is_its_last_line() throws IOException {
        shell.engine.whileRunning = (listener, stop) -> {
            listener.on(new RunEvent.Started(7, 12, 3, 900, 300, true));
            throw new NeapException(NeapException.Kind.BREAKER, "the replica is 9 s behind");
        };
        Path log = folder.resolve("run.jsonl");

        Ran ran = shell.run("run", shell.file(), "--yes", "--json", "--output", log);

        assertThat(ran.exitCode()).isEqualTo(5);
        List<String> lines = Files.readAllLines(log);
        assertThat(lines).anyMatch(line -> line.contains("\"event\":\"started\""));
        assertThat(lines)
                .filteredOn(line -> line.contains("\"finished\""))
                .singleElement()
                .isEqualTo(lines.get(lines.size() - 1))
                .asString()
                .startsWith("{\"event\":\"finished\",\"at\":")
                .contains("\"error\":\"the replica is 9 s behind\",\"exit_code\":5");
    }

    @Test
    void rows_that_were_set_aside_are_told_in_the_end_and_how_to_try_them_again() {
        shell.engine.setAside = 3;
        Path file = shell.file("""
                backfill: split
                profile: dev
                connection: ${DATABASE_URL}
                fill:
                  from: people
                  into: users
                  set: { id: id }
                """);

        Ran ran = shell.run("run", file, "--yes");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out())
                .contains("Done. Run 7 of split")
                .contains(
                        "\n3 rows could not be written: SELECT q.key, q.cause FROM neap.quarantine q WHERE q.run_id = 7\n");
        assertThat(ran.lastLine())
                .isEqualTo(
                        "Next: mend the rows that were set aside, then: neap run fix.yaml   (writes what is missing)");
        assertThat(shell.run("run", file, "--yes", "--json").lastLine()).contains("\"set_aside\":3");

        shell.engine.outcome = RunResult.Outcome.STOPPED;
        Ran stopped = shell.run("run", file, "--yes");
        assertThat(stopped.out()).contains("3 rows could not be written: ");
        assertThat(stopped.lastLine()).endsWith("neap run fix.yaml   (goes on where it stopped)");
    }

    @Test
    void a_retry_has_metrics_too() {
        shell.engine.failed = Optional.of(new Engine.Failed(7, "fix", 0, 1));

        assertThat(shell.run("retry", shell.file(), "--yes", "--metrics", "0").err())
                .startsWith("neap: metrics at http://127.0.0.1:");
    }

    private static String get(URI url) {
        try (InputStream in = url.toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "nothing answers: " + e.getMessage();
        }
    }

    private static final String IN_DEV = """
            backfill: split
            profile: dev
            connection: ${DATABASE_URL}
            fill:
              from: users_legacy
              into: users
              set: { id: id }
            """;

    @Test
    void in_dev_a_run_shows_the_whole_plan_and_how_the_server_would_carry_it_out_before_it_begins() {
        Path file = shell.file(IN_DEV);

        assertThat(shell.run("run", file, "--yes").out())
                .containsSubsequence(
                        "The SQL of each step", "How the server would carry out the statements", "Done. Run 7");
        assertThat(shell.engine.asked).containsSubsequence("explain", "run").doesNotContain("analyze");
        assertThat(shell.run("run", file, "--yes", "--json").out().lines().findFirst())
                .hasValueSatisfying(line -> assertThat(line)
                        .startsWith("{\"event\":\"planned\",")
                        .contains("\"steps\":[{", "\"explain\":{"));

        shell.engine.asked.clear();
        assertThat(shell.run("run", file, "--yes", "--profile", "staging").out())
                .doesNotContain("The SQL of each step", "How the server would");
        assertThat(shell.engine.asked).doesNotContain("explain");
    }

    @Test
    void runs_in_a_script_and_says_what_to_do_next() {
        Ran ran = shell.run("run", shell.file(), "--yes");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.err()).isEmpty();
        assertThat(shell.reached).isEqualTo("postgresql://app@db:5432/shop");
        Golden.assertSame("run.txt", ran.out());
    }

    @Test
    void asks_on_a_terminal_and_goes_on_after_a_yes() {
        shell.terminal = true;
        shell.typed = "y\n";

        Ran ran = shell.run("run", shell.file());

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).contains("Start? [y/N]", "Done. Run 7");
    }

    @Test
    void changes_nothing_after_anything_but_a_yes() {
        shell.terminal = true;
        for (String typed : List.of("n\n", "\n", "", "yess\n")) {
            shell.typed = typed;

            Ran ran = shell.run("run", shell.file());

            assertThat(ran.exitCode()).isEqualTo(3);
            assertThat(ran.out()).contains("Nothing was changed.");
        }
        assertThat(shell.engine.asked).doesNotContain("run");
    }

    @Test
    void what_was_put_back_may_be_rebuilt_again_only_after_a_yes() {
        shell.terminal = true;
        shell.typed = "n\n";
        assertThat(shell.run("run", shell.file(), "--again").exitCode()).isEqualTo(3);
        assertThat(shell.run("run", shell.file(), "--again", "--yes", "--plan-hash", "4f2a91c0")
                        .exitCode())
                .isEqualTo(2);
        assertThat(shell.engine.asked).doesNotContain("again");

        shell.typed = "y\n";
        assertThat(shell.run("run", shell.file(), "--again").exitCode()).isZero();
        assertThat(shell.engine.asked).containsSubsequence("plan", "again", "run");
    }

    @Test
    void asks_nobody_who_is_not_there() {
        Ran ran = shell.run("run", shell.file());

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).startsWith("neap: this is no terminal, so nobody can be asked; say --yes\nNext: ");
        assertThat(shell.engine.asked).isEmpty();
    }

    @Test
    void a_dry_run_is_a_plan() {
        Ran dry = shell.run("run", shell.file(), "--dry-run");

        assertThat(dry).isEqualTo(shell.run("plan", shell.file()));
        assertThat(shell.engine.asked).containsOnly("plan", "signals");
    }

    @Test
    void a_finding_that_is_an_error_refuses() {
        shell.engine.findings = List.of(Finding.error("inbound-foreign-keys", "what", "why", "fix"));

        Ran ran = shell.run("run", shell.file(), "--yes");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.out()).contains("error inbound-foreign-keys: what", "fix: fix");
        assertThat(shell.engine.asked).doesNotContain("run");
    }

    @Test
    void an_approved_hash_must_be_the_plans() {
        Ran right = shell.run("run", shell.file(), "--yes", "--plan-hash", "3f2a91c0");
        Ran wrong = shell.run("run", shell.file(), "--yes", "--plan-hash", "4f2a91c0");

        assertThat(right.exitCode()).isZero();
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("the plan's hash is 3f2a91c0");
    }

    @Test
    void each_outcome_has_its_exit_code_and_its_next_step() {
        Map<RunResult.Outcome, Integer> codes = Map.of(
                RunResult.Outcome.DONE, 0,
                RunResult.Outcome.STOPPED, 3,
                RunResult.Outcome.FAILED, 1,
                RunResult.Outcome.MISMATCH, 4,
                RunResult.Outcome.LOCKED_OUT, 7,
                RunResult.Outcome.TOO_BUSY, 3);
        codes.forEach((outcome, code) -> {
            shell.engine.outcome = outcome;

            Ran ran = shell.run("run", shell.file(), "--yes");

            assertThat(ran.exitCode()).isEqualTo(code);
            assertThat(ran.lastLine()).startsWith("Next: ").contains("fix.yaml");
        });
    }

    @Test
    void each_kind_of_failure_has_its_exit_code() {
        Map<NeapException.Kind, Integer> codes = Map.of(
                NeapException.Kind.USAGE, 2,
                NeapException.Kind.HELD, 6,
                NeapException.Kind.LOCK, 7,
                NeapException.Kind.MISMATCH, 4,
                NeapException.Kind.STOP, 1,
                NeapException.Kind.UNKNOWN, 1);
        codes.forEach((kind, code) -> {
            shell.engine.failure = new NeapException(kind, "what happened");

            Ran ran = shell.run("run", shell.file(), "--yes");

            assertThat(ran.exitCode()).isEqualTo(code);
            assertThat(ran.err()).startsWith("neap: what happened\nNext: ").doesNotContain("\tat ");
        });
    }

    @Test
    void what_to_type_where_somebody_else_holds_the_run_can_be_pasted() {
        shell.engine.failure = new NeapException(NeapException.Kind.HELD, "what happened");

        assertThat(shell.run("run", shell.file(), "--yes").err())
                .endsWith("Next: wait for it, or stop it: neap stop fix.yaml\n");
        assertThat(shell.run("undo", "fix", "--url", "postgresql://db/shop", "--dry-run")
                        .err())
                .endsWith("Next: wait for it, or stop it: neap stop --url postgresql://db/shop fix\n");
        assertThat(shell.run("undo", "7", "--url", "postgresql://db/shop", "--dry-run")
                        .err())
                .endsWith("Next: wait for it, or stop it: neap stop --url postgresql://db/shop NAME\n");
    }

    @Test
    void shows_a_stack_trace_only_to_who_asks() {
        shell.engine.failure = new NeapException(NeapException.Kind.STOP, "what happened");

        assertThat(shell.run("run", shell.file(), "--yes", "--verbose").err()).contains("\tat dev.neap");
    }

    @Test
    void prints_one_json_object_for_each_event() throws IOException {
        Ran ran = shell.run("run", shell.file(), "--yes", "--json");

        List<String> events = new ArrayList<>();
        for (String line : ran.out().lines().toList()) {
            JsonNode json = new ObjectMapper().readTree(line);
            events.add(json.path("event").asText());
        }
        assertThat(events)
                .containsExactly(
                        "started",
                        "unit_started",
                        "step_started",
                        "rows_loaded",
                        "waiting",
                        "going",
                        "unit_done",
                        "note",
                        "finished");
        Golden.assertSame("run.jsonl", ran.out());
    }

    @Test
    void writes_to_a_file_and_says_so() throws IOException {
        Path output = folder.resolve("out.jsonl");

        Ran ran = shell.run("run", shell.file(), "--yes", "--output", output);

        assertThat(ran.out())
                .isEqualTo("Written to out.jsonl.\nNext: neap cleanup fix.yaml   (replaced partitions are kept"
                        + " for 7 d)\n");
        assertThat(Files.readString(output)).contains("Done. Run 7");
    }

    @Test
    void flags_reach_the_plan() {
        Ran ran = shell.run("run", shell.file(), "--yes", "--rate", "none", "--pause", "5s");

        assertThat(ran.out()).contains("as fast as it goes and 5.0 s between units");
    }

    @Test
    void never_shows_the_password() {
        Ran ran = shell.run("run", shell.file(), "--yes", "--json", "--verbose");

        assertThat(ran.out() + ran.err()).doesNotContain("hunter2");
    }
}
