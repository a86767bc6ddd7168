package dev.neap.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Throttle;
import dev.neap.dialect.NeapException;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.run.UndoRequest;
import dev.neap.testkit.History;
import dev.neap.testkit.HistoryReport;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.QuietLedger;
import dev.neap.testkit.Reader;
import dev.neap.testkit.ReaderPolls;
import dev.neap.testkit.Seeds;
import dev.neap.testkit.TwoStatementRecipe;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No reader sees a half: whatever kind it is, wherever it reads, each partition is all old or all new. */
class ReaderTest {
    private static final int PARTITIONS = Seeds.full() ? 8 : 5;
    private static final int ROWS_EACH = 2_000;

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void readers_of_every_kind_see_each_partition_all_old_or_all_new(int major) throws Exception {
        try (PostgresServer primary = PostgresServer.start(major, Map.of());
                PostgresServer standby = primary.standby()) {
            QuietLedger quiet = QuietLedger.fill(primary, "readers", PARTITIONS, ROWS_EACH);
            primary.awaitReplay(standby);
            ReaderPolls seen;
            try (ReaderPolls polls = ReaderPolls.start(primary, standby, "readers")) {
                seen = polls;
                telling(standby, () -> Rebuilds.withNeap(quiet.setting(primary, List.of(url(standby)))));
            }
            System.out.println(seen.table());

            assertThat(seen.wrong()).as(seen.table()).isZero();
            assertThat(seen.tallies()).hasSize(Reader.values().length);
            assertThat(seen.tallies().values()).allMatch(tally -> tally.polls() > 0);
            assertThat(quiet.oldRows(primary)).isZero();
        }
    }

    @Test
    void readers_of_every_kind_see_each_partition_of_an_undo_all_old_or_all_new() throws Exception {
        try (PostgresServer primary =
                        PostgresServer.start(PostgresServer.newest().major(), Map.of());
                PostgresServer standby = primary.standby()) {
            QuietLedger quiet = QuietLedger.fill(primary, "readers", PARTITIONS / 2, ROWS_EACH);
            Rebuilds.withNeap(quiet.setting(primary, List.of()));
            assertThat(quiet.oldRows(primary)).isZero();
            primary.awaitReplay(standby);
            ReaderPolls seen;
            try (ReaderPolls polls = ReaderPolls.start(primary, standby, "readers")) {
                seen = polls;
                Neap neap = Rebuilds.neap(primary.target("readers"), Rebuilds.WITH_STANDBY, Probe.NONE);
                UndoRequest request = new UndoRequest(1, null, List.of(), List.of(url(standby)), false, Throttle.NONE);
                telling(
                        standby,
                        () -> assertThat(neap.undo(request, neap.undoPlan(request), RunListener.SILENT, new Stop())
                                        .outcome())
                                .isEqualTo(RunResult.Outcome.DONE));
            }
            System.out.println(seen.table());

            assertThat(seen.wrong()).as(seen.table()).isZero();
            assertThat(seen.tallies()).hasSize(Reader.values().length);
            assertThat(seen.tallies().values()).allMatch(tally -> tally.polls() > 0);
            assertThat(quiet.oldRows(primary)).isEqualTo((long) PARTITIONS / 2 * ROWS_EACH);
        }
    }

    @Test
    void readers_see_nothing_wrong_while_the_application_writes_too() throws Exception {
        long seed = Seeds.of(1).get(0);
        PostgresServer server = PostgresServer.newest();
        ReaderPolls[] seen = new ReaderPolls[1];
        HistoryReport report = new History(seed).play(server, "readers_and_writers", setting -> {
            try (ReaderPolls polls = ReaderPolls.start(server, null, "readers_and_writers")) {
                seen[0] = polls;
                Rebuilds.withNeap(setting);
            }
        });
        System.out.println(report);
        System.out.println(seen[0].table());

        assertThat(report.findings()).as("%s", report).isEmpty();
        assertThat(seen[0].wrong()).as("seed %s%n%s", seed, seen[0].table()).isZero();
    }

    @Test
    void the_same_readers_catch_the_two_statement_recipe() throws Exception {
        ReaderPolls seen = TwoStatementRecipe.watched(PostgresServer.newest(), "readers_recipe");

        assertThat(seen.tally(Reader.READ_COMMITTED).empties()).isPositive();
        assertThat(seen.tally(Reader.REPEATABLE_READ).empties()).isPositive();
    }

    /** What held up the standby's replay, if the run gave up on it, is in the standby's log. */
    private static void telling(PostgresServer standby, Runnable run) {
        try {
            run.run();
        } catch (NeapException e) {
            throw new AssertionError(e.getMessage() + "\n" + standby.logTail(), e);
        }
    }

    private static String url(PostgresServer standby) {
        return "postgresql://postgres@localhost:" + standby.port() + "/readers";
    }
}
