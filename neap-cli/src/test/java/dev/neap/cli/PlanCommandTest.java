package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.Shellish.Ran;
import dev.neap.preflight.Finding;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What would be done, and what speaks against it. */
class PlanCommandTest {
    private static final String FILL = """
            backfill: split
            profile: staging
            connection: ${DATABASE_URL}
            fill:
              from: users_legacy
              into: users
              set: { id: id, first_name: "split_part(full_name, ' ', 1)" }
            """;

    @TempDir
    Path folder;

    private Shellish shell;

    @BeforeEach
    void sit_down() {
        shell = new Shellish(folder);
    }

    @Test
    void plan_shows_what_would_happen() {
        shell.engine.findings = List.of(
                Finding.note("autovacuum", "autovacuum is off for public.events", "statistics may be old"),
                Finding.warning("long-transactions", "pid 4242 (app) is 2 h old", "a swap waits for it", "end it"));

        Ran ran = shell.run("plan", shell.file());

        assertThat(ran.exitCode()).isZero();
        Golden.assertSame("plan.txt", ran.out());
        Golden.assertSame("plan.json", shell.run("plan", shell.file(), "--json").out());
    }

    @Test
    void plan_shows_what_a_fill_would_do() {
        Path file = shell.file(FILL + "throttle: { hours: 22:00-05:00 Europe/Berlin, freeze: 2026-12-24 UTC }\n");

        Golden.assertSame("plan-fill.txt", shell.run("plan", file).out());
        Golden.assertSame("plan-fill.json", shell.run("plan", file, "--json").out());
        String column =
                "backfill: one\nfill:\n  into: users\n  set: { name: lower(full_name) }\n  conflict: overwrite\n";
        assertThat(shell.run("plan", shell.file(column)).out())
                .contains("one: fill name of public.users\n", "overwrite: what is there is replaced", "dead rows");
    }

    @Test
    void plan_explains_the_statements_of_a_fill_and_says_of_a_rehearsal_what_it_leaves_behind() {
        Path file = shell.file(FILL);

        Golden.assertSame(
                "plan-explain.txt", shell.run("plan", file, "--explain").out());
        Golden.assertSame(
                "plan-explain.json",
                shell.run("plan", file, "--analyze", "--json").out());
        assertThat(shell.run("plan", file, "--explain", "--analyze").out())
                .contains(
                        "rehearsed: 500 rows in 12 ms, 80 kB of WAL",
                        "Rehearsed (no dry run: it was executed, and rolled back) with 500 rows",
                        "left behind: dead versions of the rows that it wrote");
    }

    @Test
    void what_a_fill_does_not_have_yet_is_said_in_one_line() {
        Path file = shell.file(FILL);

        Ran rehearse = shell.run("rehearse", file);
        Ran grants = shell.run("grants", file, "--role", "neap");

        assertThat(rehearse.exitCode()).isEqualTo(2);
        assertThat(rehearse.err()).startsWith("neap: not in this version: a rehearsal of a fill\n");
        assertThat(grants.exitCode()).isEqualTo(2);
        assertThat(grants.err()).startsWith("neap: not in this version: the privileges of a fill; `neap check` says");
        assertThat(shell.engine.asked).isEmpty();
    }

    @Test
    void check_shows_findings_alone() {
        shell.engine.findings =
                List.of(Finding.error("primary-key", "public.events has none", "no row can be told", "add it"));

        Ran ran = shell.run("check", shell.file());

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.out())
                .isEqualTo("error primary-key: public.events has none\n  why: no row can be told\n  fix: add it\n"
                        + "Next: mend the errors, then: neap check " + "fix.yaml\n");
    }
}
