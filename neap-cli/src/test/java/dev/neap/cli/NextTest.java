package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.TableName;
import dev.neap.cli.Shellish.Ran;
import dev.neap.dialect.NeapException;
import dev.neap.run.RunResult;
import dev.neap.run.UndoPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The last line, pasted into a shell, is about the same database and the same settings. */
class NextTest {
    private static final String URL = "postgresql://dba@other:5433/shop";

    @TempDir
    Path folder;

    private Shellish shell;

    @BeforeEach
    void sit_down() {
        shell = new Shellish(folder);
        shell.engine.status = Optional.of(Statuses.running("run", true));
    }

    @Test
    void keeps_where_the_database_is_and_what_was_set() {
        shell.engine.outcome = RunResult.Outcome.STOPPED;

        Ran ran = shell.run(
                "run", shell.file(), "--yes", "--url", URL, "--rate", "100 rows/s", "--workers=2", "--profile", "dev");

        assertThat(ran.lastLine())
                .isEqualTo("Next: neap run --url " + URL + " --profile dev --rate '100 rows/s' --workers 2 fix.yaml"
                        + "   (goes on where it stopped)");
        assertThat(shell.run("check", shell.file(), "--url", URL, "--json").out())
                .contains("\"next\" : \"neap plan --url " + URL + " fix.yaml\"");
    }

    @Test
    void leaves_out_what_the_next_command_does_not_have() {
        assertThat(shell.run("pace", "fix", "--url", URL, "--rate", "9 rows/s").lastLine())
                .isEqualTo("Next: neap status --url " + URL + " fix --watch");
        assertThat(shell.run("stop", shell.file()).lastLine())
                .isEqualTo("Next: neap run fix.yaml   (goes on where it stopped)");
    }

    @Test
    void every_command_of_a_sentence_is_completed_and_nothing_else() {
        shell.engine.undoPlan =
                new UndoPlan(7, "fix", new TableName("public", "events"), 0, List.of(), false, List.of());

        assertThat(shell.run("undo", "7", "--url", URL, "--yes").lastLine())
                .isEqualTo("Next: neap status --url " + URL);
        assertThat(shell.run("cleanup", "--url", URL).lastLine())
                .isEqualTo("Next: nothing; of Neap only its control tables are left, which neap uninstall --url " + URL
                        + " drops");
    }

    @Test
    void prints_no_password() {
        String secret = "postgresql://app:hunter2@db/shop";

        assertThat(shell.run("pause", "fix", "--url", secret).lastLine())
                .isEqualTo("Next: neap resume --url \"$DATABASE_URL\" fix");
        shell.variables.clear();
        assertThat(shell.run("pause", "fix", "--url", secret).lastLine())
                .isEqualTo("Next: neap resume --url 'postgresql://app:***@db/shop' fix   (with the password for ***)");
    }

    @Test
    void what_failed_names_the_backfill_too() {
        shell.engine.failure = new NeapException(NeapException.Kind.HELD, "another process is at the run");

        assertThat(shell.run("run", shell.file(), "--yes", "--url", URL).err())
                .contains("Next: wait for it, or stop it: neap stop --url " + URL + " fix.yaml");
        assertThat(shell.run("undo", "7", "--yes", "--url", URL, "--json"))
                .satisfies(ran -> assertThat(ran.err())
                        .contains("Next: wait for it, or stop it: neap stop --url " + URL + " NAME"))
                .satisfies(ran -> assertThat(ran.out()).contains("neap stop --url " + URL + " NAME"));
        assertThat(shell.run("run", shell.file("backfill: fix\n"), "--url", URL).err())
                .contains("; neap run --help says more");
    }
}
