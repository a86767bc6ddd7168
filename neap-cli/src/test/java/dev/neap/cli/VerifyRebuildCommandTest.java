package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.TableName;
import dev.neap.cli.Shellish.Ran;
import dev.neap.dialect.Difference.Kind;
import dev.neap.verify.Claim;
import dev.neap.verify.Mismatch;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest.Scope;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verification of a rebuild. */
class VerifyRebuildCommandTest {
    @TempDir
    Path folder;

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
                VerifyReports.every(Map.of(Kind.WRONG, (long) named.size())),
                named,
                List.of(notes),
                null,
                null);
    }

    @Test
    void of_a_rebuild_each_partition_has_its_line_and_those_that_are_not_proved_have_more() {
        Shellish shell = new Shellish(folder);
        Path file = shell.file("""
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
}
