package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.Shellish.Ran;
import dev.neap.dialect.Difference.Kind;
import dev.neap.verify.Mismatch;
import dev.neap.verify.Sample;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyRequest.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a report. */
class VerifyPageTest {
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
    void the_page_names_what_the_text_names_and_needs_nothing_but_itself() throws IOException {
        shell.engine.verified = VerifyReports.report(
                Scope.EVERY_ROW,
                new TableReport.Rows(1_200, 1_199, 0, 0, 7, 9),
                Map.of(Kind.MISSING, 1L, Kind.WRONG, 1L),
                List.of(
                        new Mismatch(Kind.MISSING, List.of("<17>"), List.of(), "", true),
                        new Mismatch(Kind.WRONG, List.of("1044"), List.of("na<me"), "", false)),
                new TableReport.Fix(VerifyReports.every(Map.of(Kind.MISSING, 1L)), 0, List.of()),
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
        shell.engine.verified = VerifyReports.report(
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
}
