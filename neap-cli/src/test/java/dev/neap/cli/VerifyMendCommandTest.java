package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.Shellish.Ran;
import dev.neap.dialect.Difference.Kind;
import dev.neap.run.Unproven;
import dev.neap.verify.Mismatch;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest.Scope;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is mended, and the SQL for it. */
class VerifyMendCommandTest {
    @TempDir
    Path folder;

    private Shellish shell;
    private Path file;

    @BeforeEach
    void sit_down() {
        shell = new Shellish(folder);
        file = shell.file(VerifyReports.PLAIN);
    }

    private static final List<Mismatch> MENDED = List.of(
            new Mismatch(Kind.MISSING, List.of("17"), List.of(), "", true),
            new Mismatch(Kind.WRONG, List.of("1044"), List.of("name"), "not mended: violates check", false));

    private static VerifyReport mended(long wrong, String... sql) {
        return VerifyReports.report(
                Scope.EVERY_ROW,
                new TableReport.Rows(1_200, 1_199, 0, 0, 0, 9),
                Map.of(Kind.MISSING, 1L, Kind.WRONG, 1L),
                MENDED,
                new TableReport.Fix(
                        VerifyReports.every(sql.length > 0 ? Map.of() : Map.of(Kind.MISSING, 1L, Kind.WRONG, wrong)),
                        0,
                        List.of(sql)),
                null);
    }

    @Test
    void what_was_mended_and_what_was_left_are_named_and_exit_0_means_that_all_is_mended() {
        shell.engine.verified = mended(0);
        Ran left = shell.run("verify", file, "--fix", "--yes");
        shell.engine.verified = mended(1);
        Ran all = shell.run("verify", file, "--fix", "--yes");

        assertThat(left.exitCode()).isEqualTo(4);
        Golden.assertSame("verify-fix.txt", left.out());
        assertThat(all.exitCode()).as(all.err()).isZero();
        assertThat(all.out()).contains("every row is as expected now");
        assertThat(shell.engine.asked)
                .contains("unproven of [], answered by the file: []")
                .anyMatch(asked -> asked.startsWith("EVERY_ROW PT0S MEND"));
    }

    @Test
    void before_it_mends_it_asks_and_a_no_changes_nothing() {
        shell.engine.verified = mended(1);
        shell.terminal = true;
        shell.typed = "n\n";

        Ran no = shell.run("verify", file, "--fix");

        assertThat(no.exitCode()).isEqualTo(3);
        assertThat(no.out()).contains("Nothing was changed.");
        assertThat(shell.engine.asked).noneMatch(asked -> asked.contains("EVERY_ROW"));
        shell.typed = "y\n";
        assertThat(shell.run("verify", file, "--fix").exitCode()).isZero();
        shell.terminal = false;
        assertThat(shell.run("verify", file, "--fix").err()).contains("say --yes");
    }

    @Test
    void what_a_run_may_not_write_without_a_mend_may_not_either() {
        shell.engine.verified = mended(1);
        shell.engine.unproven = new Unproven("nobody has approved this plan", List.of());

        Ran ran = shell.run("verify", file, "--fix", "--yes");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.out()).contains("Not approved: nobody has approved this plan.");
        assertThat(shell.engine.asked).noneMatch(asked -> asked.contains("EVERY_ROW"));
    }

    @Test
    void what_the_file_expects_is_in_no_approval_and_so_is_not_written_where_one_is_asked_for() {
        shell.engine.verified = mended(1);
        shell.file(VerifyReports.FILL);

        Ran ran = shell.run("verify", file, "--fix", "--yes");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.out()).contains("In the profile prod nothing is mended by what expect says: ");
        assertThat(ran.lastLine()).startsWith("Next: neap verify fix.yaml --fix-sql prints what would mend these rows");
        assertThat(shell.engine.asked).isEmpty();
        assertThat(shell.run("verify", file, "--fix", "--yes", "--profile", "staging")
                        .exitCode())
                .isZero();

        shell.engine.verified = mended(0, "UPDATE public.users SET name = 'x'");
        assertThat(shell.run("verify", file, "--fix-sql").lastLine())
                .isEqualTo("-- Next: look at it, and execute it if it is right");
    }

    @Test
    void the_sql_can_be_executed_as_it_is_printed() {
        shell.engine.verified = mended(0, "UPDATE public.users SET name = 'x'");

        Ran ran = shell.run("verify", file, "--fix-sql");

        assertThat(ran.exitCode()).isEqualTo(4);
        assertThat(ran.out().lines().filter(line -> !line.isBlank() && !line.startsWith("--")))
                .containsExactly("UPDATE public.users SET name = 'x';");
        assertThat(shell.engine.asked.get(0)).startsWith("EVERY_ROW PT0S PRINT");
        assertThat(shell.run("verify", file, "--fix-sql", "--fix").err()).contains("say one of them");
        assertThat(shell.run("verify", file, "--fix", "--sample").err()).contains("leave out --sample");
    }

    @Test
    void where_nothing_may_be_written_there_is_nothing_to_execute() {
        shell.engine.verified = VerifyReports.report(
                Scope.EVERY_ROW,
                new TableReport.Rows(1_200, 1_200, 0, 0, 0, 9),
                Map.of(Kind.WRONG, 1L),
                List.of(new Mismatch(Kind.WRONG, List.of("1044"), List.of("name"), "", false)),
                new TableReport.Fix(VerifyReports.every(Map.of()), 0, List.of()),
                null);

        assertThat(shell.run("verify", file, "--fix-sql").out())
                .contains("-- Next: find out why these rows differ; neap verify ", " --fix would write none of them")
                .doesNotContain("execute it");
    }
}
