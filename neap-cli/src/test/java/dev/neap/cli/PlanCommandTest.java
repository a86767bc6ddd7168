package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.Shellish.Ran;
import dev.neap.preflight.Finding;
import dev.neap.run.SignalsNow;
import dev.neap.run.Unproven;
import dev.neap.testkit.Jars;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.SignalLook;
import dev.neap.transform.NewRow;
import dev.neap.transform.Row;
import dev.neap.transform.RowTransform;
import dev.neap.transform.Schema;
import dev.neap.transform.TransformSource;
import dev.neap.transform.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
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

    /** Makes names of full names. */
    public static final class Names implements RowTransform {
        @Override
        public Schema schema() {
            return Schema.create()
                    .reads("full_name", Type.TEXT)
                    .carries("id", "id")
                    .writes("first_name", Type.TEXT);
        }

        @Override
        public List<NewRow> transform(Row row) {
            return List.of();
        }
    }

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
    void plan_shows_what_a_transform_in_java_reads_and_sets() throws IOException {
        Path jar = Jars.write(folder.resolve("names.jar"), Names.class);
        Path file = shell.file(FILL.replaceFirst(
                "set: .*",
                "transform: { class: '" + Matcher.quoteReplacement(Names.class.getName()) + "', jar: names.jar }"));

        Ran ran = shell.run("plan", file);

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(shell.run("plan", file, "--json").out().replaceAll("\\s+", " "))
                .contains("\"transform\" : { \"name\" : \"" + Names.class.getName() + "\", \"sha256\" : \""
                        + TransformSource.sha256(Files.readAllBytes(jar)) + "\", \"schema\" : { \"reads\" : [ {"
                        + " \"name\" : \"full_name\", \"type\" : \"text\" } ], \"carries\" : { \"id\" : \"id\" },"
                        + " \"writes\" : [ { \"name\" : \"first_name\", \"type\" : \"text\" } ] } }");
        assertThat(shell.run("run", file, "--dry-run").exitCode()).isZero();
    }

    @Test
    void all_that_a_run_in_prod_will_ask_for_is_said_at_once_with_what_to_put_into_the_file() {
        Finding triggers = Finding.warning("triggers", "greets on users", "they fire", "disable them");
        Finding metrics = Finding.warning("metrics", "nobody can watch", "", "");
        shell.engine.unproven = new Unproven("nobody has approved this plan", List.of(triggers, triggers, metrics));
        Path file = shell.file(FILL.replaceFirst("profile: \\w+", "profile: prod"));

        Ran ran = shell.run("plan", file);

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out())
                .contains(
                        "warning dual-write: nobody has seen",
                        "warning metrics: nobody can watch",
                        "Before it runs, the profile prod asks for an approval (nobody has approved this plan) and an answer"
                                + " to each of these warnings.\n",
                        "  answers:\n    triggers: …\n    metrics: …   # or: neap run --metrics PORT\n");
        assertThat(ran.lastLine())
                .isEqualTo("Next: neap approve 3f2a91c00000 fix.yaml --answer 'triggers=…' --answer 'metrics=…', then:"
                        + " neap run fix.yaml");
        assertThat(shell.run("plan", file, "--json").out())
                .contains("\"approval\" : \"nobody has approved this plan\"", "\"unanswered\" : [ {");

        shell.engine.unproven = new Unproven("", List.of(metrics));
        assertThat(shell.run("plan", file).out())
                .contains("the profile prod asks for an answer to each of these warnings.\n");
        assertThat(shell.run("approve", "3f2a91c00000", file).lastLine())
                .isEqualTo("Next: neap run fix.yaml --metrics PORT");

        shell.engine.unproven = Unproven.NOTHING;
        assertThat(shell.run("plan", file).out()).doesNotContain("Before it runs");
        assertThat(shell.run("plan", file, "--profile", "staging").out())
                .contains("warning dual-write: nobody has seen")
                .doesNotContain("Before it runs");
        assertThat(shell.run("plan", file, "--profile", "dev").out()).doesNotContain("warning dual-write");
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

        assertThat(rehearse.exitCode()).isEqualTo(2);
        assertThat(rehearse.err()).startsWith("neap: not in this version: a rehearsal of a fill\n");
        assertThat(shell.engine.asked).isEmpty();
    }

    @Test
    void grants_of_a_fill_are_printed_too() {
        Ran grants = shell.run("grants", shell.file(FILL), "--role", "neap_app");

        assertThat(grants.exitCode()).isZero();
        assertThat(grants.out()).contains("TO neap_app;\n-- Next: run these as the owner of ");
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

    @Test
    void plan_and_check_show_what_the_signals_say_now_and_what_a_run_would_make_of_it() {
        Limits lag = new Limits("replica lag", Limits.Unit.SECONDS, 1, 2, Duration.ofSeconds(1), Duration.ZERO);
        Limits cpu = new Limits("cpu", Limits.Unit.COUNT, 70, 70, Duration.ofSeconds(5), Duration.ZERO);
        shell.engine.signals = new SignalsNow(
                List.of(
                        SignalLook.of(lag, Reading.of(2.5, "standby")),
                        SignalLook.of(cpu, Reading.of(12, "")),
                        SignalLook.of(Limits.flag("freeze", Duration.ofSeconds(5)), Reading.of(1, ""))),
                List.of("the age of the oldest transaction is not watched: no right"),
                "");

        String check = shell.run("check", shell.file()).out();
        assertThat(check)
                .startsWith("""
                        warning signals: replica lag is 2.5 s, standby; slower from 1 s on, waits from 2 s on
                          why: a run that began now would wait
                        """)
                .contains("note signals: freeze is on\n")
                .contains("""

                        What the signals say now
                          replica lag  slower from 1 s on, waits from 2 s on  2.5 s, standby
                          cpu          waits from 70 on                       12
                          freeze                                              on
                          the age of the oldest transaction is not watched: no right
                        """);
        assertThat(shell.run("plan", shell.file()).out())
                .contains("warning signals: replica lag is 2.5 s", "What the signals say now");

        String json = shell.run("check", shell.file(), "--json").out();
        assertThat(json).contains("\"signal\" : \"replica lag\"", "\"level\" : \"limit\"", "\"value\" : 2.5");
        assertThat(json).contains("\"signals_off\" : [ \"the age of the oldest");
    }

    @Test
    void what_a_server_cannot_tell_and_the_file_asks_for_refuses() {
        shell.engine.signals = new SignalsNow(List.of(), List.of(), "throttle.replica_lag: there are replicas");

        Ran ran = shell.run("check", shell.file());

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.out()).startsWith("error signals: throttle.replica_lag: there are replicas\n");
    }
}
