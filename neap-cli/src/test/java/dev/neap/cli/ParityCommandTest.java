package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.Shellish.Ran;
import dev.neap.parity.Fact;
import dev.neap.parity.Figure;
import dev.neap.parity.Survey;
import dev.neap.parity.Weight;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParityCommandTest {
    @TempDir
    Path folder;

    private Shellish shell;

    @BeforeEach
    void two_databases() {
        shell = new Shellish(folder);
        shell.variables.put("NEAP_CONNECTION_STAGING", "postgresql://app:hunter2@staging/shop");
    }

    private void seen(String fsync, double roundTrip) {
        shell.engine.surveys.add(new Survey(
                List.of(new Fact("settings", "fsync", fsync, Weight.WORTHLESS)),
                List.of(new Figure("speed", "round trip, p99", roundTrip, "ms", 1, 2, 10)),
                List.of()));
    }

    @Test
    void what_differs_is_shown_and_what_makes_a_rehearsal_worthless_ends_with_4() {
        seen("off", 2);
        seen("on", 5);

        Ran ran = shell.run("parity", shell.file(), "--from", "staging");

        assertThat(ran.exitCode()).isEqualTo(4);
        assertThat(ran.out().lines())
                .contains(
                        "worthless       settings  fsync            off        on",
                        "right but for   speed     round trip, p99  2 ms       5 ms",
                        "2 things compared, 2 differences. A rehearsal there says nothing about the run: 1 of them.");
        assertThat(ran.out()).contains("staging").doesNotContain("hunter2");
        assertThat(shell.engine.asked).containsExactly("survey with a probe", "survey with a probe");
    }

    @Test
    void without_such_a_difference_it_ends_with_0_and_the_probe_can_be_refused() {
        seen("on", 2);
        seen("on", 5);

        Ran ran = shell.run(
                "parity",
                shell.file(),
                "--from",
                "postgresql://app@other/shop",
                "--to",
                "staging",
                "--no-probe",
                "--json");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out())
                .contains("\"weight\" : \"matters\"", "\"worthless\" : false", "\"compared\" : 2")
                .doesNotContain("hunter2");
        assertThat(shell.engine.asked).containsExactly("survey", "survey");
    }

    @Test
    void after_it_a_rebuild_is_rehearsed_and_a_fill_which_cannot_be_is_planned() {
        for (int i = 0; i < 4; i++) {
            seen("on", 2);
        }
        Path fill = shell.file("""
                backfill: fill
                connection: ${DATABASE_URL}
                fill: { into: t, set: { a: b } }
                """);

        assertThat(shell.run("parity", fill, "--from", "staging").lastLine()).startsWith("Next: neap plan ");
        assertThat(shell.run("parity", shell.file(), "--from", "staging").lastLine())
                .startsWith("Next: neap rehearse ");
    }

    @Test
    void a_name_without_a_url_says_where_to_put_it() {
        Ran ran = shell.run("parity", shell.file(), "--from", "pre-prod");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("--from pre-prod: the variable NEAP_CONNECTION_PRE_PROD is not set");
        assertThat(shell.run("parity", shell.file()).err()).contains("--from");
    }
}
