package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.TableName;
import dev.neap.cli.Shellish.Ran;
import dev.neap.dialect.Difference.Kind;
import dev.neap.verify.Claim;
import dev.neap.verify.Mismatch;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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
        Map<Kind, Long> differences = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            differences.put(kind, found.getOrDefault(kind, 0L));
        }
        return new VerifyReport(
                "split",
                List.of(new TableReport(
                        FROM,
                        INTO,
                        List.of(
                                new Claim(List.of("id"), Claim.Basis.TRANSFORM),
                                new Claim(List.of("name"), Claim.Basis.EXPECT)),
                        rows,
                        differences,
                        named,
                        List.of())),
                Duration.ofSeconds(12));
    }

    @Test
    void what_is_right_ends_with_exit_0() {
        shell.engine.verified = report(new TableReport.Rows(1_200, 1_200, 0, 0, 3), Map.of(), List.of());

        Ran ran = shell.run("verify", file);

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("every row is as expected");
        assertThat(shell.engine.asked).containsExactly("verify [{name=translate(full_name)}]");
    }

    @Test
    void what_differs_is_named_and_ends_with_exit_4() {
        shell.engine.verified = report(
                new TableReport.Rows(1_200, 1_199, 0, 7, 9),
                Map.of(Kind.MISSING, 2L, Kind.WRONG, 1L, Kind.FAILED, 1L),
                List.of(
                        new Mismatch(Kind.MISSING, List.of("17"), List.of(), ""),
                        new Mismatch(Kind.WRONG, List.of("1044"), List.of("name"), ""),
                        new Mismatch(Kind.FAILED, List.of("9"), List.of(), "invalid input syntax")));

        Ran ran = shell.run("verify", file);

        assertThat(ran.exitCode()).isEqualTo(4);
        Golden.assertSame("verify.txt", ran.out());
        Golden.assertSame("verify.json", shell.run("verify", file, "--json").out());
    }

    @Test
    void where_nothing_could_be_compared_nothing_is_proved() {
        shell.engine.verified = report(new TableReport.Rows(0, 0, 1_200, 0, 3), Map.of(), List.of());

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
}
