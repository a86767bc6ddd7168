package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Environment;
import dev.neap.cli.Shellish.Ran;
import dev.neap.dialect.Leftover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
    private static final List<Leftover> LEFTOVERS = List.of(
            new Leftover(
                    "kept partition",
                    "neap_old.events_2024_01",
                    73_728_000,
                    "its time is over",
                    true,
                    List.of("DROP x")),
            new Leftover("control schema", "neap", 98_304, "runs are recorded in it", false, List.of("DROP y")));

    @TempDir
    Path folder;

    private Shellish shell;

    @BeforeEach
    void sit_down() {
        shell = new Shellish(folder);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "init",
                "grants",
                "config",
                "check",
                "plan",
                "preview",
                "parity",
                "approve",
                "run",
                "status",
                "pause",
                "resume",
                "stop",
                "pace",
                "retry",
                "undo",
                "cleanup",
                "uninstall",
                "completion",
                "demo"
            })
    void every_command_helps_with_an_example(String command) {
        Ran ran = shell.run(command, "--help");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).contains("Usage: neap " + command, "Example", "--json", "--output");
    }

    @ParameterizedTest
    @ValueSource(strings = {"init", "grants", "cleanup"})
    void help_shows_no_value_of_a_variable(String command) {
        System.setProperty("DATABASE_URL", "postgresql://app:hunter2@db/shop");
        try {
            assertThat(shell.run(command, "--help").out())
                    .contains("\"$DATABASE_URL\"")
                    .doesNotContain("hunter2");
        } finally {
            System.clearProperty("DATABASE_URL");
        }
    }

    @Test
    void config_shows_where_each_value_came_from() {
        shell.variables.put("NEAP_PAUSE", "2s");

        Golden.assertSame(
                "config.txt",
                shell.run("config", shell.file(), "--rate", "9 rows/s").out());
    }

    @Test
    void config_prints_the_schema_as_it_is() throws IOException {
        Ran ran = shell.run("config", "--schema");

        assertThat(new ObjectMapper().readTree(ran.out()).path("title").asText())
                .isEqualTo("A Neap backfill file");
        assertThat(ran.err()).startsWith("Next: ");
    }

    @Test
    void init_writes_a_short_file_that_can_be_read_back() throws IOException {
        Path file = folder.resolve("it.yaml");

        Ran ran = shell.run("init", "postgresql://app:hunter2@db/shop", "public.events", "--output", file);

        String text = Files.readString(file);
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.lastLine()).isEqualTo("Next: neap plan it.yaml");
        assertThat(text).doesNotContain("hunter2");
        assertThat(text.lines().filter(line -> !line.isBlank() && !line.strip().startsWith("#")))
                .hasSizeLessThanOrEqualTo(25);
        assertThat(BackfillFile.read(file, Environment.system())
                        .backfill()
                        .rebuild()
                        .set())
                .containsExactly(java.util.Map.entry("Amount due", "\"Amount due\""));
        Golden.assertSame("init.yaml", text);
    }

    @Test
    void what_init_writes_can_be_uncommented_and_is_still_right() throws IOException {
        Path file = folder.resolve("it.yaml");
        shell.run("init", "postgresql://db/shop", "public.events", "--output", file);
        String all = Files.readString(file)
                .replaceAll("(?m)^# (replicas|pace|batch_rows|failure_limit|assert|  )", "$1")
                .replaceAll("(?m)^  # (already_right|application_writes|writes|keep_old)", "  $1")
                .replace("<predicate>", "true");

        BackfillFile.read(Files.writeString(file, all), Environment.system());
    }

    @Test
    void init_overwrites_only_by_force_and_refuses_what_it_cannot_rebuild() {
        Path file = folder.resolve("it.yaml");
        shell.run("init", "events", "--output", file);

        assertThat(shell.run("init", "events", "--output", file).err()).contains("it.yaml is there already; --force");
        assertThat(shell.run("init", "events", "--output", file, "--force").exitCode())
                .isZero();
        assertThat(shell.run("init", "plain", "--output", file, "--force").err())
                .startsWith("neap: public.plain is not partitioned")
                .contains("docs/backfill-file.md#a-fill");
        assertThat(shell.run("init", "postgresql://db/shop").err()).contains("name the table too");
    }

    @Test
    void grants_prints_sql_that_can_be_run_as_it_is() {
        Ran byFile = shell.run("grants", shell.file(), "--role", "neap_app");
        Ran byUrl = shell.run("grants", "postgresql://other/shop", "public.events", "--role", "neap_app");

        assertThat(byFile.out()).isEqualTo(byUrl.out());
        assertThat(shell.reached).isEqualTo("postgresql://ada@other:5432/shop");
        assertThat(byFile.out())
                .startsWith("CREATE ROLE neap_app LOGIN;\nGRANT SELECT ON public.events TO neap_app;\n-- Next: ");
    }

    @Test
    void pause_resume_and_stop_ask_by_file_or_name() {
        shell.engine.status = Optional.of(Statuses.running("run", true));

        assertThat(shell.run("pause", shell.file()).out())
                .isEqualTo("fix pauses at the next safe point.\nNext: neap resume fix.yaml\n");
        assertThat(shell.run("resume", "fix", "--url", "postgresql://x/y").out())
                .isEqualTo("fix goes on.\nNext: neap status --url postgresql://x/y fix --watch\n");
        assertThat(shell.run("stop", "fix").out())
                .isEqualTo("fix stops at the next safe point.\nNext: neap run FILE   (goes on where it stopped)\n");
        assertThat(shell.engine.asked).contains("pause fix", "run fix", "stop fix");
    }

    @Test
    void a_run_is_found_watched_and_stopped_by_a_file_whose_jar_is_gone() {
        shell.engine.status = Optional.of(Statuses.running("run", true));
        Path file = shell.file("""
                backfill: fix
                connection: ${DATABASE_URL}
                fill:
                  into: items
                  transform: { class: com.acme.Cents, jar: gone.jar }
                """);

        for (String command : List.of("status", "pause", "resume", "stop", "cleanup")) {
            assertThat(shell.run(command, file).err()).as(command).isEmpty();
        }
        assertThat(shell.run("pace", file, "--rate", "none").exitCode()).isZero();
        assertThat(shell.engine.asked).contains("pause fix", "run fix", "stop fix");

        Ran run = shell.run("run", file, "--yes");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("fill.transform.jar: there is no file");
    }

    @Test
    void swap_lets_all_or_named_units_go() {
        shell.engine.status = Optional.of(Statuses.running("run", true));

        assertThat(shell.run("swap", shell.file()).out())
                .isEqualTo("1 unit of fix may be swapped.\nNext: neap status fix.yaml --watch\n");
        assertThat(shell.run("swap", "fix", "a", "b", "--json").out()).contains("\"units\" : 2");
        assertThat(shell.engine.asked).contains("swap fix []", "swap fix [a, b]");
        assertThat(shell.run("swap").exitCode()).isEqualTo(2);
    }

    @Test
    void stop_can_give_a_run_up() {
        shell.engine.status = Optional.of(Statuses.running("stop", false));

        Ran ran = shell.run("stop", shell.file(), "--abandon");

        assertThat(ran.out())
                .isEqualTo("The unfinished run of fix is given up; its done partitions stay done.\nNext: neap cleanup"
                        + " fix.yaml\n");
        assertThat(shell.engine.asked).containsExactly("abandon fix");
    }

    @Test
    void where_there_is_no_run_it_says_so() {
        for (String command : List.of("status", "pause", "resume", "stop", "swap")) {
            Ran ran = shell.run(command, "fix");

            assertThat(ran.exitCode()).isEqualTo(1);
            assertThat(ran.err()).contains("run of the backfill 'fix' in this database");
        }
        assertThat(shell.run("pause").err()).contains("name a backfill file or a backfill");
    }

    @Test
    void pace_keeps_what_is_not_named() {
        shell.engine.status = Optional.of(Statuses.running("run", true));

        Ran ran = shell.run("pace", shell.file(), "--rate", "2000 rows/s");

        assertThat(ran.out()).startsWith("fix now goes at 2000 rows/s, 30s between units, 20ms between batches.\n");
        assertThat(shell.run("pace", "fix", "--rate", "fast").err()).contains("--rate cannot be 'fast'");
        assertThat(shell.run("pace", "fix").exitCode()).isEqualTo(2);
    }

    @Test
    void cleanup_shows_what_goes_and_asks() {
        shell.engine.leftovers = LEFTOVERS;
        shell.terminal = true;
        shell.typed = "n\n";
        Ran no = shell.run("cleanup", shell.file());
        shell.typed = "y\n";
        Ran yes = shell.run("cleanup", shell.file());

        assertThat(no.exitCode()).isEqualTo(3);
        assertThat(no.out()).contains("neap_old.events_2024_01", "70 MB", "its time is over", "Nothing was dropped.");
        assertThat(yes.out()).contains("Dropped 1 thing, 70 MB.");
        assertThat(shell.engine.asked).containsOnlyOnce("cleanup");
    }

    @Test
    void cleanup_needs_a_yes_in_a_script_and_none_to_look() {
        shell.engine.leftovers = LEFTOVERS;

        assertThat(shell.run("cleanup", "--url", "postgresql://x/y").err()).contains("say --yes");
        assertThat(shell.run("cleanup", "--dry-run").out()).contains("1 thing due, 70 MB:");
        assertThat(shell.engine.asked).isEmpty();
    }

    @Test
    void cleanup_ends_a_dual_write_that_is_named() {
        Leftover trigger = new Leftover(
                "dual-write trigger", "neap_dual_7 on public.old", 0, "it stands in", false, List.of(), "fix");
        shell.engine.leftovers = List.of(trigger);

        assertThat(shell.run("cleanup", "--yes").out()).contains("Nothing is due.", "neap_dual_7 on public.old");
        Ran unknown = shell.run("cleanup", "--yes", "--dual-write", "fax");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).contains("no trigger stands in for the application of a backfill 'fax'");
        assertThat(shell.engine.asked).isEmpty();

        Ran ended = shell.run("cleanup", "--yes", "--dual-write", "fix");

        assertThat(ended.out()).contains("Dropped 1 thing");
        assertThat(shell.engine.asked).containsExactly("end dual write of fix", "cleanup");
    }

    @Test
    void uninstall_shows_all_and_asks() {
        shell.engine.leftovers = LEFTOVERS;

        Ran ran = shell.run("uninstall", "--yes", "--force");

        assertThat(ran.out()).startsWith("All of this goes, 70 MB:").contains("No trace of Neap is left.");
        assertThat(shell.engine.asked).containsExactly("uninstall true");
    }

    @Test
    void completion_is_a_script() {
        Ran ran = shell.run("completion", "zsh");

        assertThat(ran.out())
                .contains("complete -F _complete_neap")
                .contains("# Next: put 'source <(neap completion zsh)'");
    }

    @Test
    void a_slip_of_the_fingers_is_answered_with_what_was_meant() {
        assertThat(shell.run("staus").err())
                .isEqualTo("neap: unknown command 'staus'; did you mean 'status'?\nNext: neap --help\n");
        assertThat(shell.run("run", "f", "--yess").err()).contains("unknown option '--yess'; did you mean '--yes'?");
        assertThat(shell.run("run").err()).contains("missing required parameter: 'FILE'");
    }

    @Test
    void errors_are_json_too_where_that_was_asked_for() throws IOException {
        Ran ran = shell.run("plan", folder.resolve("none.yaml"), "--json");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(new ObjectMapper().readTree(ran.out()).path("exit_code").asInt())
                .isEqualTo(2);
        assertThat(ran.err()).startsWith("neap: there is no file none.yaml");
    }
}
