package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.dialect.Leftover;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusCommandTest {
    @TempDir
    Path folder;

    private Shellish shell;

    @BeforeEach
    void sit_down() {
        shell = new Shellish(folder);
    }

    @Test
    void status_shows_a_run_whole() {
        shell.engine.status = Optional.of(Statuses.running("run", true));

        Golden.assertSame("status.txt", shell.run("status", shell.file()).out());
        Golden.assertSame("status.json", shell.run("status", "fix", "--json").out());
        assertThat(shell.run("status").out()).contains("fix", "running", "1/4");
    }

    @Test
    void status_tells_a_paused_run_from_a_dead_one() {
        shell.engine.status = Optional.of(Statuses.running("pause", true));
        assertThat(shell.run("status", shell.file()).lastLine()).isEqualTo("Next: neap resume fix.yaml");

        shell.engine.status = Optional.of(Statuses.running("run", false));
        assertThat(shell.run("status", shell.file()).out()).contains("running; but no process is at it");
        assertThat(shell.run("status", shell.file()).lastLine())
                .isEqualTo("Next: neap run fix.yaml   (goes on where it stopped)");
    }

    @Test
    void status_names_units_that_are_held() {
        shell.engine.status = Optional.of(Statuses.holding());

        assertThat(shell.run("status", "fix").out())
                .contains("1 done, 0 running, 1 held, 0 pending")
                .contains("Held: ready to swap")
                .contains("public.events_2024_01, 12 changes behind when it last caught up, since 2026-03-01T12:00:00Z")
                .contains("Next: neap swap fix")
                .doesNotContain(" left");
    }

    @Test
    void status_of_a_stopped_undo_counts_what_is_undone_and_says_how_the_undo_goes_on() {
        shell.engine.status = Optional.of(Statuses.undoing());

        assertThat(shell.run("status", "fix").out())
                .contains("Run 8 of fix: undo of run 7, public.events")
                .contains("0 skipped, 1 undone, of 3")
                .contains("Next: neap undo fix   (goes on where it stopped)")
                .doesNotContain("neap run");
        assertThat(shell.run("status", "fix", "--json").out())
                .contains("\"undone\" : 1")
                .contains("\"undoes\" : 7");
    }

    @Test
    void status_of_a_fill_that_is_done_shows_the_trigger_that_stands_in_and_how_it_ends() {
        shell.engine.status = Optional.of(Statuses.filling("done"));
        shell.engine.leftovers = List.of(
                new Leftover("dual-write trigger", "neap_dual_7 on public.old", 0, "", false, List.of(), "fix"),
                new Leftover("dual-write trigger", "neap_dual_8 on public.other", 0, "", false, List.of(), "another"));

        assertThat(shell.run("status", "fix").out())
                .contains("Dual write by the trigger neap_dual_7 on public.old\n")
                .contains("Next: neap cleanup --dual-write fix   (once the application writes both places")
                .doesNotContain("neap_dual_8");
        assertThat(shell.run("status", "fix", "--json").out()).contains("\"stand_ins\" : [ \"neap_dual_7 on");
    }

    @Test
    void status_says_how_many_rows_of_a_fill_were_set_aside() {
        shell.engine.status = Optional.of(Statuses.filling());

        assertThat(shell.run("status", "split").out())
                .contains("Run 7 of fix: fill public.events\n", "2 rows could not be written: SELECT q.key, q.cause");
        assertThat(shell.run("status", "split", "--json").out()).contains("\"fills\" : true", "\"set_aside\" : 2");
    }

    @Test
    void status_says_how_often_something_was_tried_again_and_why() {
        shell.engine.status = Optional.of(Statuses.filling());

        assertThat(shell.run("status", "split").out()).contains("  Again  1,211 tries: deadlock 2, lock 1,209\n");
        assertThat(shell.run("status", "split", "--json").out().replaceAll("\\s", ""))
                .contains("\"retries\":{\"deadlock\":2,\"lock\":1209}");
    }
}
