package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Schedule;
import dev.neap.backfill.TableName;
import dev.neap.backfill.Throttle;
import dev.neap.cli.Shellish.Ran;
import dev.neap.control.UndoRuns;
import dev.neap.control.UnitRow;
import dev.neap.dialect.UndoRefusal;
import dev.neap.dialect.Undoable;
import dev.neap.plan.Step;
import dev.neap.run.UndoPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UndoCommandTest {
    private static final String DECLARED = """
            backfill: fix
            profile: %s
            connection: ${DATABASE_URL}
            rebuild: { table: public.events, set: { a: upper(a) } }
            throttle: %s
            """;

    @TempDir
    Path folder;

    private Shellish shell;

    @BeforeEach
    void sit_down() {
        shell = new Shellish(folder);
        shell.engine.undoPlan =
                plan(false, new Undoable(6_400_000, 12, null, ""), new Undoable(73_728_000, 3_390, null, ""));
    }

    private static UndoPlan plan(boolean givesUp, Undoable... undoable) {
        TableName[] partitions = {FakeEngine.JANUARY, FakeEngine.FEBRUARY};
        List<UndoPlan.Unit> units = Arrays.stream(undoable)
                .map(each -> new UndoPlan.Unit(
                        unit(partitions[Arrays.asList(undoable).indexOf(each)]), each))
                .toList();
        return new UndoPlan(7, "fix", new TableName("public", "events"), 0, units, givesUp, List.of());
    }

    private static UnitRow unit(TableName partition) {
        return new UnitRow(11, 7, 1, partition, "", "done", Step.SETTLE, 1, 1, 0, 0, null, 0, 0, 0, 0, 0, true, false);
    }

    @Test
    void shows_what_it_would_do_and_asks() {
        shell.terminal = true;
        shell.typed = "n\n";
        Ran ran = shell.run("undo", shell.file());

        assertThat(ran.exitCode()).isEqualTo(3);
        assertThat(ran.out())
                .contains(
                        "Run 7 of fix on public.events: 2 partitions to put back, with about 3,402 writes made since.")
                .contains("public.events_2024_01", "6.1 MB", "3,390", "Put them back? [y/N]", "Nothing was changed.");
        assertThat(shell.engine.asked).doesNotContain("undo");
    }

    @Test
    void says_how_it_ended_and_how_to_take_it_back() {
        Ran ran = shell.run("undo", shell.file(), "--yes");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out())
                .contains("Done. Run 8 put back 2 partitions of run 7, in 3.0 s.")
                .contains("neap undo 8");
        assertThat(shell.engine.asked.toString())
                .contains("UndoRequest[run=0, backfill=fix, partitions=[], replicas=[], onlyFailed=false,");
    }

    @Test
    void takes_a_run_by_its_number_and_partitions_by_their_names() {
        Ran ran = shell.run("undo", "7", "events_2024_01", "--url", "postgresql://db/shop", "--yes");

        assertThat(ran.exitCode()).isZero();
        assertThat(shell.engine.asked.toString())
                .contains(
                        "UndoRequest[run=7, backfill=null, partitions=[events_2024_01], replicas=null, onlyFailed=false,"
                                + " throttle=null, endedBy=null]");
    }

    @Test
    void heeds_the_signals_and_the_breaker_of_its_file_but_not_its_hours() {
        shell.run("undo", shell.file(DECLARED.formatted("dev", "{}")), "--yes");
        assertThat(shell.engine.asked.toString()).contains("throttle=" + Throttle.NONE + ",");

        shell.engine.asked.clear();
        shell.run(
                "undo",
                shell.file(DECLARED.formatted("prod", "{ replica_lag: 7s, hours: 01:00-02:00 Europe/Berlin }")),
                "--yes");
        assertThat(shell.engine.asked.toString())
                .contains("throttle=Throttle[replicaLag=PT7S, asked=true")
                .contains("schedule=" + Schedule.ALWAYS)
                .contains("endedBy=BreakerLimits[errorBudget=1.0E-4, replicaLag=PT14S,");
    }

    @Test
    void a_partition_that_cannot_be_put_back_stops_all_of_it() {
        shell.engine.undoPlan = plan(
                true, new Undoable(6_400_000, 0, UndoRefusal.TRUNCATED, ""), new Undoable(73_728_000, 3_390, null, ""));

        Ran ran = shell.run("undo", shell.file(), "--yes");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.out())
                .contains("2 partitions, of which 1 cannot be put back, so nothing is.")
                .contains("That run is not finished. It is given up")
                .contains("public.events_2024_01", "truncated: it was truncated since its swap")
                .contains("name the partitions that can be put back")
                .doesNotContain("public.events_2024_02");
        assertThat(shell.engine.asked).doesNotContain("undo");
        assertThat(shell.run("undo", shell.file(), "--yes", "--json").out())
                .contains("\"refusal\" : \"truncated\"", "\"gives_up\" : true");
    }

    @Test
    void what_comes_next_is_to_mend_it_only_where_somebody_can() {
        Undoable sound = new Undoable(1, 0, null, "");
        Undoable altered = new Undoable(1, 0, UndoRefusal.CHANGED, "");
        Undoable merged = new Undoable(0, 0, UndoRefusal.MERGED, "");

        shell.engine.undoPlan = plan(false, altered, altered);
        assertThat(shell.run("undo", shell.file(), "--yes").out()).contains("Next: mend that, then: neap undo ");
        shell.engine.undoPlan = plan(false, altered, sound);
        assertThat(shell.run("undo", shell.file(), "--yes").out())
                .contains("Next: mend that, or name the partitions that can be put back");
        shell.engine.undoPlan = plan(false, merged, sound);
        assertThat(shell.run("undo", shell.file(), "--yes").out())
                .contains("Next: name the partitions that can be put back");
        shell.engine.undoPlan = plan(false, merged, altered);
        assertThat(shell.run("undo", shell.file(), "--yes").out()).contains("Next: neap status ");
    }

    @Test
    void every_reason_is_documented() throws Exception {
        String docs = Files.readString(Path.of("..", "docs", "commands.md"));
        for (UndoRefusal refusal : UndoRefusal.values()) {
            assertThat(docs).contains("| " + refusal.label() + " | ");
        }
    }

    @Test
    void an_older_run_that_has_more_to_put_back_is_named() {
        List<UndoRuns.Older> older = List.of(new UndoRuns.Older(5, 34), new UndoRuns.Older(2, 1));
        UndoPlan one = plan(false, new Undoable(6_400_000, 12, null, ""));
        shell.engine.undoPlan = new UndoPlan(one.run(), one.backfill(), one.table(), 0, one.units(), false, older);

        Ran ran = shell.run("undo", shell.file(), "--yes", "--url", "postgresql://db/shop");

        assertThat(ran.out())
                .contains("Run 5 of the same backfill replaced 34 partitions before, which are kept too and no part of"
                        + " this: neap undo 5")
                .contains("Run 2 of the same backfill replaced 1 partition before, which is kept too");
        assertThat(ran.lastLine())
                .isEqualTo("Next: neap status --url postgresql://db/shop fix.yaml; what was replaced is kept as long as"
                        + " `keep_old` says, and can be put back with neap undo 8 --url postgresql://db/shop;"
                        + " what run 5 replaced before: neap undo 5 --url postgresql://db/shop");

        shell.engine.undoPlan = new UndoPlan(one.run(), one.backfill(), one.table(), 0, List.of(), false, older);
        assertThat(shell.run("undo", shell.file(), "--yes").lastLine())
                .isEqualTo("Next: neap undo 5 --url '${DATABASE_URL}' --dry-run");
        assertThat(shell.run("undo", shell.file(), "--dry-run", "--json").out())
                .containsSubsequence("\"older\" : [ {", "\"run\" : 5,", "\"partitions\" : 34", "\"run\" : 2,");
    }

    @Test
    void a_dry_run_and_nothing_to_undo_change_nothing() {
        assertThat(shell.run("undo", shell.file(), "--dry-run").exitCode()).isZero();
        shell.engine.undoPlan = plan(false);

        Ran ran = shell.run("undo", shell.file(), "--yes");

        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).contains("Nothing is left to undo");
        assertThat(shell.engine.asked).doesNotContain("undo");
    }
}
