package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.Shellish.Ran;
import dev.neap.cli.rehearse.Verdict;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Seeds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command says and ends with. */
class RehearseCommandTest {
    private final PostgresServer server = PostgresServer.newest();

    @TempDir
    Path folder;

    private Shellish shell;

    @BeforeEach
    void a_small_table() {
        server.createDatabase("rehearse_command");
        server.execute(
                "rehearse_command",
                "CREATE TABLE events (id bigint, day date, euros int, cents bigint, PRIMARY KEY (id, day))"
                        + " PARTITION BY RANGE (day)",
                "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                "INSERT INTO events SELECT i, date '2024-01-01' + i % 30, i, 0 FROM generate_series(1, 300) AS i",
                "ANALYZE");
        shell = new Shellish(folder);
        shell.engines = target -> new Neap(new PostgresDialect(), target, Tuning.DEFAULT, Probe.NONE);
    }

    private Ran rehearse(String set) {
        Path file = shell.file("""
                backfill: fix
                connection: postgresql://postgres@localhost:%d/rehearse_command
                rebuild:
                  table: events
                  set: { cents: "%s" }
                """.formatted(server.port(), set));
        return shell.run(
                "rehearse", file, "--seconds", Seeds.full() ? "1800" : "0", "--html", folder.resolve("receipt.html"));
    }

    @Test
    void a_right_one_names_the_run_that_it_stands_for_or_more_time_where_it_was_not_killed_at_every_step()
            throws Exception {
        Ran ran = rehearse("euros * 100");

        boolean whole = Seeds.full();
        assertThat(ran.exitCode()).as(ran.out() + ran.err()).isEqualTo(whole ? ExitCode.DONE : ExitCode.STOPPED);
        assertThat(ran.out()).contains((whole ? "GOOD" : "INCOMPLETE") + ": every row is as it should be");
        assertThat(ran.lastLine())
                .contains(whole ? "neap run fix.yaml --plan-hash " : "neap rehearse fix.yaml --seconds 300");
        assertThat(Files.readString(folder.resolve("receipt.html"))).contains(whole ? "GOOD" : "INCOMPLETE");
    }

    @Test
    void each_verdict_has_an_exit_code_of_its_own() {
        assertThat(Stream.of(Verdict.GOOD, Verdict.INCOMPLETE, Verdict.MISMATCH, Verdict.FAILED)
                        .map(RehearseCommand::code))
                .containsExactly(0, 3, 4, 1);
    }

    /** The beginning of a transaction is the same twice in one look at it, and another in the next. */
    @Test
    void a_mismatch_ends_with_4_and_says_not_to_run_it() throws Exception {
        Ran ran = rehearse("(extract(epoch FROM now()) * 1000000)::bigint");

        assertThat(ran.exitCode()).as(ran.out() + ran.err()).isEqualTo(ExitCode.MISMATCH);
        assertThat(ran.out()).contains("MISMATCH: something was not as it should be. Do not run this.");
        assertThat(ran.lastLine()).contains("find the cause before any run; the source is as it was");
        assertThat(Files.readString(folder.resolve("receipt.html"))).contains("MISMATCH");
    }
}
