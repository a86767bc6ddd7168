package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.TableName;
import dev.neap.cli.Shellish.Ran;
import dev.neap.dialect.Difference.Kind;
import dev.neap.verify.Assertion;
import dev.neap.verify.Claim;
import dev.neap.verify.Mismatch;
import dev.neap.verify.Sample;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
    private static final TableName FROM = new TableName("public", "users_legacy");
    private static final TableName INTO = new TableName("public", "users");

    @TempDir
    Path folder;

    private Shellish shell;
    private Path file;

    @BeforeEach
    void sit_down() {
        shell = new Shellish(folder);
        file = shell.file("""
                backfill: split
                connection: ${DATABASE_URL}
                fill:
                  from: users_legacy
                  into: users
                  set: { id: id, name: lower(full_name) }
                  expect: { name: translate(full_name) }
                """);
    }

    private static VerifyReport report(TableReport.Rows rows, Map<Kind, Long> found, List<Mismatch> named) {
        return report(Scope.EVERY_ROW, rows, found, named, null);
    }

    private static VerifyReport report(
            Scope scope, TableReport.Rows rows, Map<Kind, Long> found, List<Mismatch> named, Sample sample) {
        return report(scope, rows, found, named, null, sample);
    }

    private static Map<Kind, Long> every(Map<Kind, Long> counts) {
        Map<Kind, Long> all = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            all.put(kind, counts.getOrDefault(kind, 0L));
        }
        return all;
    }

    private static VerifyReport report(
            Scope scope,
            TableReport.Rows rows,
            Map<Kind, Long> found,
            List<Mismatch> named,
            TableReport.Fix fix,
            Sample sample) {
        return new VerifyReport(
                "split",
                List.of(new TableReport(
                        FROM,
                        INTO,
                        false,
                        scope,
                        List.of(
                                new Claim(List.of("id"), Claim.Basis.TRANSFORM),
                                new Claim(List.of("name"), Claim.Basis.EXPECT)),
                        rows,
                        every(found),
                        named,
                        List.of(),
                        fix,
                        sample)),
                List.of(),
                Duration.ofSeconds(12));
    }

    @Test
    void what_is_right_ends_with_exit_0() {
        shell.engine.verified = report(new TableReport.Rows(1_200, 1_200, 0, 0, 0, 3), Map.of(), List.of());

        Ran ran = shell.run("verify", file);

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("every row is as expected");
        assertThat(shell.engine.asked).containsExactly("EVERY_ROW PT0S [{name=translate(full_name)}]");
    }

    @Test
    void what_differs_is_named_and_ends_with_exit_4() {
        shell.engine.verified = report(
                new TableReport.Rows(1_200, 1_199, 0, 0, 7, 9),
                Map.of(Kind.MISSING, 2L, Kind.WRONG, 1L, Kind.FAILED, 1L),
                List.of(
                        new Mismatch(Kind.MISSING, List.of("17"), List.of(), "", false),
                        new Mismatch(Kind.WRONG, List.of("1044"), List.of("name"), "", false),
                        new Mismatch(Kind.FAILED, List.of("9"), List.of(), "invalid input syntax", false)));

        Ran ran = shell.run("verify", file);

        assertThat(ran.exitCode()).isEqualTo(4);
        Golden.assertSame("verify.txt", ran.out());
        Golden.assertSame("verify.json", shell.run("verify", file, "--json").out());
    }

    @Test
    void a_sample_says_how_much_it_shows_of_all_rows() {
        shell.engine.verified = report(
                Scope.SAMPLE,
                new TableReport.Rows(46_050, 0, 0, 0, 0, 0),
                Map.of(),
                List.of(),
                new Sample(46_050, 0, 0.9999, 0.99, 0.9999000018, 1));

        Ran ran = shell.run("verify", file, "--sample");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out())
                .contains("46,050 picked at random")
                .contains("at least 99.99 % are as expected, and at most 100 %, each with 99 % confidence")
                .contains("the claim of 99.99 % holds");
        assertThat(shell.engine.asked).containsExactly("SAMPLE PT0S [{name=translate(full_name)}]");

        shell.engine.verified = report(
                Scope.SAMPLE,
                new TableReport.Rows(46_050, 0, 0, 0, 0, 0),
                Map.of(Kind.WRONG, 1L),
                List.of(new Mismatch(Kind.WRONG, List.of("17"), List.of("name"), "", false)),
                new Sample(46_050, 1, 0.9999, 0.99, 0.99985, 0.99999));

        Ran wrong = shell.run("verify", file, "--sample");

        assertThat(wrong.exitCode()).isEqualTo(4);
        assertThat(wrong.out()).contains("1 wrong").contains("  17  wrong  name");
    }

    @Test
    void what_the_application_wrote_is_watched_and_nothing_written_is_no_evidence() {
        shell.engine.verified =
                report(Scope.WRITTEN, new TableReport.Rows(12, 0, 0, 0, 3, 0), Map.of(), List.of(), null);
        Ran right = shell.run("verify", file, "--dual-write", "90s");
        shell.engine.verified =
                report(Scope.WRITTEN, new TableReport.Rows(0, 0, 0, 0, 0, 0), Map.of(), List.of(), null);
        Ran nothing = shell.run("verify", file, "--dual-write", "90s");

        assertThat(right.exitCode()).as(right.err()).isZero();
        assertThat(right.out()).contains("12 written since").contains("both places agree in every one of them");
        assertThat(nothing.exitCode()).isEqualTo(4);
        assertThat(nothing.out()).contains("nothing was written, so nothing is proved");
        assertThat(shell.engine.asked.get(0)).startsWith("WRITTEN PT1M30S");
        assertThat(shell.run("verify", file, "--dual-write", "0s").err()).contains("--dual-write cannot be '0s'");
        assertThat(shell.run("verify", file, "--dual-write", "60s", "--sample").err())
                .contains("say one of them");
    }

    @Test
    void an_assertion_that_does_not_hold_is_no_proof() throws IOException {
        VerifyReport rows = report(new TableReport.Rows(1_200, 1_200, 0, 0, 0, 3), Map.of(), List.of());
        shell.engine.verified = new VerifyReport(
                "split",
                rows.tables(),
                List.of(
                        new Assertion("no empty name", "SELECT true", true),
                        new Assertion("as many", "SELECT 1 < 1", false)),
                rows.took());

        Ran ran =
                shell.run("verify", file, "--html", folder.resolve("page.html").toString());

        assertThat(ran.exitCode()).isEqualTo(4);
        assertThat(ran.out())
                .contains("no empty name: holds; rests on the file's own SQL")
                .contains("as many: does not hold");
        assertThat(Files.readString(folder.resolve("page.html"))).contains("SELECT 1 &lt; 1", "Not proved");
    }

    @Test
    void a_run_begins_only_when_the_application_was_seen_to_write_both_places() {
        shell.engine.verified =
                report(Scope.WRITTEN, new TableReport.Rows(0, 0, 0, 0, 0, 0), Map.of(), List.of(), null);
        shell.engine.status = Optional.empty();
        Ran nothing = shell.run("run", file, "--yes", "--dual-write", "90s");

        assertThat(nothing.exitCode()).isEqualTo(4);
        assertThat(nothing.out()).contains("nothing was written, so nothing is proved", "Nothing was changed");
        assertThat(shell.engine.asked)
                .anyMatch(asked -> asked.startsWith("WRITTEN PT1M30S"))
                .doesNotContain("run");

        shell.engine.verified =
                report(Scope.WRITTEN, new TableReport.Rows(12, 0, 0, 0, 3, 0), Map.of(), List.of(), null);
        assertThat(shell.run("run", file, "--yes", "--dual-write", "90s").exitCode())
                .isZero();
        assertThat(shell.engine.asked).contains("run", "unproven of [metrics], answered by the file: []");
    }

    @Test
    void where_nobody_has_seen_it_a_run_in_prod_asks_for_an_answer_and_one_that_was_begun_does_not() {
        shell.engine.status = Optional.empty();
        shell.run("run", file, "--yes");
        assertThat(shell.engine.asked).contains("unproven of [metrics, dual-write], answered by the file: []");
        assertThat(shell.run("run", file, "--yes", "--profile", "staging").out())
                .contains("warning dual-write: nobody has seen that the application writes both places");
        assertThat(shell.run("run", file, "--yes", "--profile", "dev").out()).doesNotContain("dual-write");

        shell.engine.asked.clear();
        shell.engine.status = Optional.of(Statuses.running("run", true));
        shell.run("run", file, "--yes", "--dual-write", "90s");
        assertThat(shell.engine.asked)
                .contains("unproven of [metrics], answered by the file: []", "run")
                .noneMatch(asked -> asked.startsWith("WRITTEN"));
    }

    private static final List<Mismatch> MENDED = List.of(
            new Mismatch(Kind.MISSING, List.of("17"), List.of(), "", true),
            new Mismatch(Kind.WRONG, List.of("1044"), List.of("name"), "not mended: violates check", false));

    private static VerifyReport mended(long wrong, String... sql) {
        return report(
                Scope.EVERY_ROW,
                new TableReport.Rows(1_200, 1_199, 0, 0, 0, 9),
                Map.of(Kind.MISSING, 1L, Kind.WRONG, 1L),
                MENDED,
                new TableReport.Fix(
                        every(sql.length > 0 ? Map.of() : Map.of(Kind.MISSING, 1L, Kind.WRONG, wrong)),
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
    void the_page_names_what_the_text_names_and_needs_nothing_but_itself() throws IOException {
        shell.engine.verified = report(
                Scope.EVERY_ROW,
                new TableReport.Rows(1_200, 1_199, 0, 0, 7, 9),
                Map.of(Kind.MISSING, 1L, Kind.WRONG, 1L),
                List.of(
                        new Mismatch(Kind.MISSING, List.of("<17>"), List.of(), "", true),
                        new Mismatch(Kind.WRONG, List.of("1044"), List.of("na<me"), "", false)),
                new TableReport.Fix(every(Map.of(Kind.MISSING, 1L)), 0, List.of()),
                null);

        Ran ran =
                shell.run("verify", file, "--html", folder.resolve("page.html").toString());

        assertThat(ran.exitCode()).isEqualTo(4);
        assertThat(ran.out()).contains("The page is in page.html.");
        assertThat(Files.readString(folder.resolve("page.html")))
                .contains("Verification of <em>split</em>", "Not proved", "public.users, from public.users_legacy")
                .contains("aria-label=\"1 of 1200 rows differ, 1 were mended\"")
                .contains("&lt;17&gt;", "na&lt;me", "independent expression")
                .doesNotContain("<script", "<17>", "na<me", "http:", "https:", "src=", "url(");
        assertThat(shell.run(
                                "verify",
                                file,
                                "--html",
                                folder.resolve("no/page.html").toString())
                        .err())
                .contains("no/page.html cannot be written");
    }

    @Test
    void the_page_of_a_sample_draws_its_interval_beside_the_claim() throws IOException {
        shell.engine.verified = report(
                Scope.SAMPLE,
                new TableReport.Rows(46_050, 0, 0, 0, 0, 0),
                Map.of(),
                List.of(),
                new Sample(46_050, 0, 0.9999, 0.99, 0.9999000018, 1));

        assertThat(shell.run(
                                "verify",
                                file,
                                "--sample",
                                "--html",
                                folder.resolve("page.html").toString())
                        .exitCode())
                .isZero();

        assertThat(Files.readString(folder.resolve("page.html")))
                .contains("Every claim below holds.")
                .contains("aria-label=\"The share of right rows: at least 99.99 % are as expected, and at most 100 %")
                .contains("<rect class=\"changes\" x=\"480.0\" y=\"8\" width=\"240.0\"");
    }

    @Test
    void where_nothing_could_be_compared_nothing_is_proved() {
        shell.engine.verified = report(new TableReport.Rows(0, 0, 1_200, 0, 0, 3), Map.of(), List.of());

        Ran ran = shell.run("verify", file);

        assertThat(ran.exitCode()).isEqualTo(4);
        assertThat(ran.out())
                .contains("1,200 rows that already_right calls right")
                .contains("nothing is proved");
    }

    @Test
    void an_expectation_of_a_column_that_is_not_set_is_refused_with_its_place() {
        Path wrong = shell.file("""
                backfill: split
                fill:
                  into: users
                  set: { name: lower(full) }
                  expect:
                    nmae: upper(full)
                """);

        Ran ran = shell.run("verify", wrong);

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("fix.yaml:6:11: fill.expect.nmae: set does not have this column");
    }

    private static TableReport partition(String name, TableReport.Rows rows, List<Mismatch> named, String... notes) {
        boolean compared = notes.length == 0;
        return new TableReport(
                new TableName("neap_kept_3", name),
                new TableName("public", name),
                true,
                Scope.EVERY_ROW,
                compared
                        ? List.of(
                                new Claim(List.of("id", "day"), Claim.Basis.REPLACED),
                                new Claim(List.of("revenue"), Claim.Basis.TRANSFORM))
                        : List.of(),
                rows,
                every(Map.of(Kind.WRONG, (long) named.size())),
                named,
                List.of(notes),
                null,
                null);
    }

    @Test
    void of_a_rebuild_each_partition_has_its_line_and_those_that_are_not_proved_have_more() {
        file = shell.file("""
                backfill: fix
                connection: ${DATABASE_URL}
                rebuild: { table: events, set: { revenue: revenue * 2 }, expect: { revenue: revenue + revenue } }
                """);
        shell.engine.verified = new VerifyReport(
                "fix",
                List.of(
                        partition("events_1", new TableReport.Rows(1_200, 1_200, 0, 17, 0, 3), List.of()),
                        partition(
                                "events_2",
                                new TableReport.Rows(900, 900, 0, 0, 0, 9),
                                List.of(new Mismatch(
                                        Kind.WRONG, List.of("7", "2024-02-01"), List.of("revenue"), "", false))),
                        partition("events_3", new TableReport.Rows(0, 0, 0, 0, 0, 0), List.of()),
                        partition(
                                "events_4",
                                new TableReport.Rows(0, 0, 0, 0, 0, 0),
                                List.of(),
                                "not compared: old one gone: it was cleaned up")),
                List.of(),
                Duration.ofSeconds(12));

        Ran ran = shell.run("verify", file, "events_1", "public.events_2", "events_3", "events_4");

        assertThat(ran.exitCode()).isEqualTo(4);
        Golden.assertSame("verify-rebuild.txt", ran.out());
        assertThat(shell.engine.asked)
                .containsExactly("EVERY_ROW PT0S [{revenue=revenue + revenue}] of [events_1, public.events_2, events_3,"
                        + " events_4]");
    }

    @Test
    void a_fill_has_no_partitions_to_name() {
        Ran ran = shell.run("verify", file, "users_1");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("partitions are those of a rebuild, and this is a fill; leave out users_1");
    }
}
