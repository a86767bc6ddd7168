package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.Shellish.Ran;
import dev.neap.preflight.Finding;
import dev.neap.preflight.Watching;
import dev.neap.run.Engine;
import dev.neap.run.Unproven;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyRequest.Scope;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a profile asks for before a run begins: an approved plan, answers, and that somebody sees what the run does. */
class ProofsBeforeRunTest {
    private static final String IN_STAGING = """
            backfill: split
            profile: staging
            connection: ${DATABASE_URL}
            fill:
              from: users_legacy
              into: users
              set: { id: id }
            """;

    @TempDir
    Path folder;

    private Shellish shell;

    @BeforeEach
    void sit_down() {
        shell = new Shellish(folder);
    }

    private Path fill() {
        return shell.file(VerifyReports.FILL);
    }

    @Test
    void without_metrics_a_run_in_prod_asks_for_an_answer() {
        shell.run("run", shell.file(), "--yes");
        assertThat(shell.engine.asked).contains("unproven of [metrics], answered by the file: []");

        shell.engine.asked.clear();
        shell.run("run", shell.file(), "--yes", "--metrics", "0");
        assertThat(shell.engine.asked).contains("unproven of [], answered by the file: []");

        shell.engine.asked.clear();
        shell.run("run", shell.file(), "--yes", "--profile", "staging");
        assertThat(shell.engine.asked).contains("unproven of [], answered by the file: []");
    }

    @Test
    void staging_wants_an_answer_where_the_run_does_not_see_what_its_load_does() {
        shell.engine.unproven = new Unproven("", List.of(Watching.load("add a signal")));
        Path file = shell.file(IN_STAGING);

        Ran ran = shell.run("run", file, "--yes");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.out())
                .contains(
                        "The profile staging asks for an answer where nobody sees what the run does, or what the application"
                                + " does.")
                .contains("warning load: no signal tells the run")
                .doesNotContain("Not approved");
        assertThat(ran.lastLine()).endsWith("fix.yaml --answer 'load=…'");
        assertThat(shell.engine.asked).doesNotContain("run");
        assertThat(shell.run("plan", file).out())
                .contains("Before it runs, the profile staging asks for an answer to each of these warnings.\n");
    }

    @Test
    void what_the_profile_asks_for_and_is_not_there_refuses_the_run_and_says_what_to_type() {
        Finding triggers = Finding.warning("triggers", "greets on users", "they fire", "disable them");
        shell.engine.unproven = new Unproven("nobody has approved this plan", List.of(triggers));

        Ran ran = shell.run("run", shell.file(), "--yes");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.out())
                .contains(
                        "The profile prod asks for an approved plan, and for an answer to every warning.",
                        "Not approved: nobody has approved this plan. Its hash is 3f2a91c0",
                        "Not answered:\nwarning triggers: greets on users");
        assertThat(ran.lastLine()).isEqualTo("Next: neap approve 3f2a91c00000 fix.yaml --answer 'triggers=…'");
        assertThat(shell.engine.asked).doesNotContain("run");
        assertThat(shell.run("run", shell.file(), "--yes", "--json").out())
                .contains("\"refused\":true", "\"unanswered\":[{", "\"approval\":\"nobody has approved this plan\"");
    }

    @Test
    void a_retry_too_is_refused_without_what_the_profile_asks_for() {
        shell.engine.failed = Optional.of(new Engine.Failed(7, "fix", 0, 1));
        shell.engine.unproven = new Unproven("nobody has approved this plan", List.of());

        Ran ran = shell.run("retry", shell.file(), "--yes");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.out()).contains("Not approved: nobody has approved this plan.");
        assertThat(shell.engine.asked).noneMatch(asked -> asked.startsWith("retry"));
    }

    @Test
    void an_approval_takes_the_hash_and_the_answers_of_the_file_and_of_the_flags() {
        Path file = shell.file("""
                backfill: fix
                connection: ${DATABASE_URL}
                rebuild: { table: public.events, set: { a: upper(a) } }
                answers: { clock: known, triggers: to be seen }
                """);

        Ran ran = shell.run("approve", "3F2A91C0", file, "--answer", "triggers=a = b", "--by", "Ada Lovelace");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).contains("of fix is approved by Ada Lovelace (role dba) at 2026-03-01T12:00:00Z.");
        assertThat(ran.lastLine()).isEqualTo("Next: neap run fix.yaml");
        assertThat(shell.engine.asked).contains("approve, answered: {clock=known, triggers=a = b}");
        assertThat(shell.run("approve", "3f2a91c1", file).err()).contains("the plan's hash is 3f2a91c0");
        assertThat(shell.run("approve", "3f2a91c", file).err())
                .contains("; type 8 or more characters of it, not 3f2a91c");
        assertThat(shell.run("approve", "3f2a91c0", file, "--answer", "triggers")
                        .err())
                .contains("--answer cannot be 'triggers'; write the name of a check, =, and why");
        assertThat(shell.run("approve", "3f2a91c0", file, "--answer", "triggers=…")
                        .err())
                .as("as it is shown, and nothing written in its place")
                .contains("--answer cannot be 'triggers=…'");
        assertThat(shell.run("approve", "3f2a91c0", file, "--by", " ").err()).contains("--by cannot be empty");
        shell.engine.findings = List.of(Finding.error("disk", "too small", "full disks stop servers", "make room"));
        assertThat(shell.run("approve", "3f2a91c0", file).exitCode()).isEqualTo(2);
    }

    @Test
    void a_run_begins_only_when_the_application_was_seen_to_write_both_places() {
        shell.engine.verified =
                VerifyReports.report(Scope.WRITTEN, new TableReport.Rows(0, 0, 0, 0, 0, 0), Map.of(), List.of(), null);
        Ran nothing = shell.run("run", fill(), "--yes", "--dual-write", "90s");

        assertThat(nothing.exitCode()).isEqualTo(4);
        assertThat(nothing.out()).contains("nothing was written, so nothing is proved", "Nothing was changed");
        assertThat(shell.engine.asked)
                .anyMatch(asked -> asked.startsWith("WRITTEN PT1M30S"))
                .doesNotContain("run");

        shell.engine.verified =
                VerifyReports.report(Scope.WRITTEN, new TableReport.Rows(12, 0, 0, 0, 3, 0), Map.of(), List.of(), null);
        assertThat(shell.run("run", fill(), "--yes", "--dual-write", "90s").exitCode())
                .isZero();
        assertThat(shell.engine.asked).contains("run", "unproven of [metrics], answered by the file: []");
    }

    @Test
    void where_a_trigger_stands_in_for_the_application_there_is_nothing_to_watch() {
        Path byTrigger = shell.file("""
                backfill: split
                connection: ${DATABASE_URL}
                fill: { from: users_legacy, into: users, set: { id: id }, dual_write: trigger }
                """);

        Ran refused = shell.run("run", byTrigger, "--yes", "--dual-write", "60s");
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("the file says dual_write: trigger; leave it out");

        shell.run("run", byTrigger, "--yes");
        assertThat(shell.engine.asked).contains("unproven of [metrics], answered by the file: []");
    }

    @Test
    void where_nobody_has_seen_it_a_run_in_prod_asks_for_an_answer_and_one_that_was_begun_does_not() {
        shell.run("run", fill(), "--yes");
        assertThat(shell.engine.asked).contains("unproven of [metrics, dual-write], answered by the file: []");
        assertThat(shell.run("run", fill(), "--yes", "--profile", "dev").out()).doesNotContain("dual-write");

        shell.engine.asked.clear();
        shell.engine.begun = true;
        shell.run("run", fill(), "--yes", "--dual-write", "90s");
        assertThat(shell.engine.asked)
                .contains("unproven of [metrics], answered by the file: []", "run")
                .noneMatch(asked -> asked.startsWith("WRITTEN"));
    }

    @Test
    void where_nobody_has_seen_it_and_nobody_answers_no_fill_begins_in_staging_either() {
        shell.run("run", fill(), "--yes", "--profile", "staging");
        assertThat(shell.engine.asked).contains("unproven of [dual-write], answered by the file: []", "run");

        shell.engine.asked.clear();
        shell.engine.unproven = new Unproven(
                "",
                List.of(Finding.warning(
                        Watching.DUAL_WRITE, "nobody has seen that the application writes both places", "", "")));
        Ran unseen = shell.run("run", fill(), "--yes", "--profile", "staging");
        assertThat(unseen.exitCode()).isEqualTo(2);
        assertThat(unseen.out())
                .contains("warning dual-write: nobody has seen that the application writes both places");
        assertThat(unseen.lastLine()).isEqualTo("Next: neap run --profile staging fix.yaml --dual-write 60s");
        assertThat(shell.run("plan", fill(), "--profile", "staging").lastLine()).isEqualTo(unseen.lastLine());
        assertThat(shell.run("plan", fill(), "--profile", "staging").out())
                .contains("  answers:\n    dual-write: …   # or: neap run --dual-write 60s");
        assertThat(shell.engine.asked).doesNotContain("run");
    }
}
