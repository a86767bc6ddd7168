package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.Shellish.Ran;
import dev.neap.dialect.Difference.Kind;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.SecondWrites;
import dev.neap.run.RunEvent;
import dev.neap.verify.Assertion;
import dev.neap.verify.Mismatch;
import dev.neap.verify.Sample;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
    @TempDir
    Path folder;

    private Shellish shell;
    private Path file;

    @BeforeEach
    void sit_down() {
        shell = new Shellish(folder);
        file = shell.file(VerifyReports.FILL);
    }

    @Test
    void what_is_right_ends_with_exit_0() {
        shell.engine.verified =
                VerifyReports.report(new TableReport.Rows(1_200, 1_200, 0, 0, 0, 3), Map.of(), List.of());

        Ran ran = shell.run("verify", file);

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("every row is as expected");
        assertThat(shell.engine.asked).containsExactly("EVERY_ROW PT0S [{name=translate(full_name)}]");
    }

    @Test
    void keys_neither_colour_the_terminal_nor_begin_a_line_nor_pass_for_several() {
        shell.engine.verified = VerifyReports.report(
                new TableReport.Rows(3, 3, 0, 0, 0, 1),
                Map.of(Kind.WRONG, 3L),
                List.of(
                        new Mismatch(Kind.WRONG, List.of("a\nNext: rm"), List.of("name"), "", false),
                        new Mismatch(Kind.WRONG, List.of("\u001b[2J\u202e"), List.of("name"), "", false),
                        new Mismatch(Kind.FAILED, List.of("x, y", ""), List.of(), "bad \u001b[31m", false)));

        assertThat(shell.run("verify", file).out())
                .contains("  a\\nNext: rm  ", "  \\u001b[2J\\u202e  ", "  'x, y', ''  ", "bad \\u001b[31m")
                .doesNotContain("\u001b", "\u202e");
    }

    @Test
    void one_that_was_stopped_says_where_the_next_goes_on_and_how_far_it_was() {
        shell.engine.whileVerifying = (listener, stop) -> {
            listener.on(new RunEvent.Waiting(0, "a table that is compared was locked for too long: session 7"));
            throw new NeapException(
                    NeapException.Kind.STOPPED,
                    "a signal was silent; of public.users every row up to the key 17 was compared, and the same command"
                            + " goes on behind it");
        };

        Ran ran = shell.run("verify", file);

        assertThat(ran.exitCode()).isEqualTo(3);
        assertThat(ran.out()).startsWith("Stopped: a signal was silent; of public.users every row up to the key 17");
        assertThat(ran.lastLine()).isEqualTo("Next: neap verify fix.yaml");
        assertThat(ran.err()).isEqualTo("neap: waits: a table that is compared was locked for too long: session 7\n");
        assertThat(shell.run("verify", file, "--dual-write", "90s").lastLine())
                .isEqualTo("Next: neap verify fix.yaml --dual-write 1m30s");
        Ran run = shell.run("run", file, "--yes", "--dual-write", "90s");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("Nothing was changed.");
        assertThat(run.lastLine()).isEqualTo("Next: neap run fix.yaml --dual-write 1m30s");
        assertThat(shell.engine.asked).doesNotContain("run");
    }

    @Test
    void what_differs_is_named_and_ends_with_exit_4() {
        shell.engine.verified = VerifyReports.report(
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
    void where_no_row_differs_and_nothing_is_proved_the_next_step_is_not_to_mend() {
        TableReport.Rows none = new TableReport.Rows(0, 0, 0, 0, 0, 0);
        shell.engine.verified = VerifyReports.report(none, Map.of(), List.of());
        Ran empty = shell.run("verify", file);
        shell.engine.verified = VerifyReports.report(Scope.WRITTEN, none, Map.of(), List.of(), null);
        Ran unwritten = shell.run("verify", file, "--dual-write", "1s");

        assertThat(empty.exitCode()).isEqualTo(4);
        assertThat(next(empty))
                .startsWith("Next: find out why there is no row to compare")
                .doesNotContain("--fix-sql");
        assertThat(unwritten.exitCode()).isEqualTo(4);
        assertThat(next(unwritten)).startsWith("Next: neap verify ").endsWith(" --dual-write 60s watches again");
    }

    @Test
    void an_application_that_leaves_out_a_place_is_mended_and_not_its_rows() {
        shell.engine.verified = VerifyReports.report(
                Scope.WRITTEN,
                new TableReport.Rows(3, 0, 0, 0, 0, 0),
                Map.of(Kind.MISSING, 1L),
                List.of(new Mismatch(Kind.MISSING, List.of("17"), List.of(), "", false)),
                null);

        assertThat(next(shell.run("verify", file, "--dual-write", "1s")))
                .contains("which writer leaves out one of the two places", "--dual-write 60s watches again")
                .doesNotContain("--fix-sql");
    }

    private static String next(Ran ran) {
        return ran.out()
                .lines()
                .filter(line -> line.startsWith("Next: "))
                .findFirst()
                .orElse("");
    }

    @Test
    void a_sample_says_how_much_it_shows_of_all_rows() {
        shell.engine.verified = VerifyReports.report(
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
                .contains("the claim of 99.99 % holds")
                .contains("before anything is dropped: it compares every row");
        assertThat(shell.engine.asked).containsExactly("SAMPLE PT0S [{name=translate(full_name)}]");

        shell.engine.verified = VerifyReports.report(
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
    void aggregates_that_agree_end_with_exit_0_and_are_not_called_every_row() throws IOException {
        shell.engine.verified = VerifyReports.report(
                Scope.AGGREGATES, new TableReport.Rows(1_200, 1_200, 0, 0, 0, 3), Map.of(), List.of(), null);

        Ran ran = shell.run(
                "verify",
                file,
                "--aggregates",
                "--html",
                folder.resolve("page.html").toString());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        Golden.assertSame("verify-aggregates.txt", ran.out());
        assertThat(shell.engine.asked).containsExactly("AGGREGATES PT0S [{name=translate(full_name)}]");
        assertThat(Files.readString(folder.resolve("page.html")))
                .contains("all aggregates are as expected, which does not prove every row", "compared by aggregates")
                .contains("0 of 1200 rows are seen to differ", "<b>1,200</b>rows there")
                .doesNotContain("every row is as expected", "every one compared");
        assertThat(shell.run("verify", file, "--aggregates", "--json").out())
                .contains("\"scope\" : \"aggregates\"", "\"proved\" : true");

        shell.engine.verified = VerifyReports.report(
                Scope.AGGREGATES, new TableReport.Rows(0, 0, 0, 0, 0, 0), Map.of(), List.of(), null);
        assertThat(shell.run("verify", file, "--aggregates").exitCode()).isEqualTo(4);
        for (String other : List.of("--sample", "--dual-write=60s", "--fix", "--fix-sql")) {
            assertThat(shell.run("verify", file, "--aggregates", other).exitCode())
                    .as(other)
                    .isEqualTo(2);
        }
    }

    @Test
    void what_the_application_wrote_is_watched_and_nothing_written_is_no_evidence() {
        shell.engine.verified =
                VerifyReports.report(Scope.WRITTEN, new TableReport.Rows(12, 0, 0, 0, 3, 0), Map.of(), List.of(), null);
        Ran right = shell.run("verify", file, "--dual-write", "90s");
        shell.engine.verified =
                VerifyReports.report(Scope.WRITTEN, new TableReport.Rows(0, 0, 0, 0, 0, 0), Map.of(), List.of(), null);
        Ran nothing = shell.run("verify", file, "--dual-write", "90s");

        assertThat(right.exitCode()).as(right.err()).isZero();
        assertThat(right.out()).contains("12 written since").contains("both places agree in every one of them");
        assertThat(right.out()).doesNotContain("Both places");
        assertThat(nothing.exitCode()).isEqualTo(4);
        assertThat(nothing.out()).contains("nothing was written, so nothing is proved");
        assertThat(shell.engine.asked.get(0)).startsWith("WRITTEN PT1M30S");
        assertThat(shell.run("verify", file, "--dual-write", "0s").err()).contains("--dual-write cannot be '0s'");
        assertThat(shell.run("verify", file, "--dual-write", "60s", "--sample").err())
                .contains("say one of them");
    }

    @Test
    void how_many_rows_were_written_in_both_places_and_how_late_is_said() throws IOException {
        assertThat(written(new SecondWrites(12, 9, 4, Duration.ofMillis(310))))
                .contains(
                        "4 written by one transaction; 5 by two transactions, at most 310 ms apart; 3 in one place alone");
        assertThat(written(new SecondWrites(12, 12, 4, null)))
                .contains(
                        "4 written by one transaction; 8 by two transactions, how far apart the server does not know");
        assertThat(written(new SecondWrites(12, 12, 12, Duration.ZERO)))
                .contains("12 written by one transaction")
                .doesNotContain("by two")
                .doesNotContain("alone");
        assertThat(written(new SecondWrites(3, 0, 0, null)))
                .contains("3 in one place alone")
                .doesNotContain("transaction");
    }

    /** What the report, and likewise its page, says of rows that came into both places like this. */
    private String written(SecondWrites writes) throws IOException {
        VerifyReport rows =
                VerifyReports.report(Scope.WRITTEN, new TableReport.Rows(12, 0, 0, 0, 3, 0), Map.of(), List.of(), null);
        shell.engine.verified = new VerifyReport(
                rows.backfill(), List.of(rows.tables().get(0).written(writes)), List.of(), rows.took());
        Path page = folder.resolve("written.html");

        String said = shell.run("verify", file, "--dual-write", "90s", "--html", page.toString())
                .out();

        assertThat(Files.readString(page))
                .contains(said.lines()
                        .filter(line -> line.startsWith("Both places"))
                        .map(line -> line.substring("Both places".length()).strip())
                        .collect(Collectors.joining()));
        return said;
    }

    @Test
    void what_speaks_for_readers_is_shown_beside_what_was_compared() throws IOException {
        VerifyReport rows = VerifyReports.report(new TableReport.Rows(1_200, 1_200, 0, 0, 0, 3), Map.of(), List.of());
        shell.engine.verified = new VerifyReport(
                "split",
                rows.tables(),
                List.of(),
                rows.took(),
                List.of("nobody has seen it: <no statement>", "answered by Ada (role app): read all eleven"));

        Ran ran =
                shell.run("verify", file, "--html", folder.resolve("page.html").toString());

        assertThat(ran.out())
                .contains("\nReaders that meet NULL, or no row: answered by Ada (role app): read all eleven\n")
                .doesNotContain("nobody has seen it");
        assertThat(Files.readString(folder.resolve("page.html")))
                .contains("<li>nobody has seen it: &lt;no statement&gt;</li>", "<li>answered by Ada (role app)");
        assertThat(shell.run("verify", file, "--json").out())
                .containsPattern("\"readers\" : \\[ \"nobody has seen it[^]]+answered by Ada");
    }

    @Test
    void one_that_was_gone_on_with_says_what_was_compared_when() throws IOException {
        VerifyReport rows = VerifyReports.report(new TableReport.Rows(1_200, 1_200, 0, 0, 2, 3), Map.of(), List.of());
        Instant began = Instant.parse("2026-03-01T10:00:00.123Z");
        TableReport.Sittings three = new TableReport.Sittings(
                3,
                List.of("700", "a<b"),
                began,
                began.plusSeconds(3_600),
                began.plusSeconds(7_200),
                began.plusSeconds(7_212));
        shell.engine.verified =
                new VerifyReport("split", List.of(rows.tables().get(0).in(three)), List.of(), rows.took());

        Ran ran =
                shell.run("verify", file, "--html", folder.resolve("page.html").toString());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out())
                .contains("2 rows differed at first, and no longer")
                .containsPattern("Before +up to the key 700, a<b, from 2026-03-01T10:00:00Z to 2026-03-01T11:00:00Z,"
                        + " in 2 sittings")
                .containsPattern("This time +what lies behind it, and each row that differed, from 2026-03-01T12:00:00Z"
                        + " to 2026-03-01T12:00:12Z");
        assertThat(Files.readString(folder.resolve("page.html")))
                .contains("Compared in 3 sittings. Before: up to the key 700, a&lt;b, from 2026-03-01T10:00:00Z");
        assertThat(shell.run("verify", file, "--json").out())
                .contains("\"up_to\" : [ \"700\", \"a<b\" ]", "\"stopped\" : \"2026-03-01T11:00:00.123Z\"");
    }

    @Test
    void an_assertion_that_does_not_hold_is_no_proof() throws IOException {
        VerifyReport rows = VerifyReports.report(new TableReport.Rows(1_200, 1_200, 0, 0, 0, 3), Map.of(), List.of());
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
    void where_nothing_could_be_compared_nothing_is_proved() {
        shell.engine.verified = VerifyReports.report(new TableReport.Rows(0, 0, 1_200, 0, 0, 3), Map.of(), List.of());

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

    @Test
    void a_fill_has_no_partitions_to_name() {
        Ran ran = shell.run("verify", file, "users_1");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("partitions are those of a rebuild, and this is a fill; leave out users_1");
    }
}
