package dev.neap.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Throttle;
import dev.neap.plan.Plan;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.run.UndoPlan;
import dev.neap.run.UndoRequest;
import dev.neap.testkit.CampaignLog;
import dev.neap.testkit.History;
import dev.neap.testkit.HistoryReport;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Reader;
import dev.neap.testkit.ReaderPolls;
import dev.neap.testkit.Seeds;
import dev.neap.testkit.StandingReport;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Undo at random moments of random histories: the rebuild ends, or is stopped anywhere after its first swap, and is
 * undone, at once or a part first, while the application writes and readers look; the undo is stopped anywhere too, and
 * goes on, or is given up and begun anew. Then every row must stand as the model has it: as it was, or as it was written
 * since. At last everything is rebuilt again, and every row must be in form 2. CI plays two; `-Dneap.campaign=full` plays
 * 60.
 */
class UndoHistoryTest {
    /** The rest of them watch an undo that nobody writes during: {@link ReaderTest}. */
    private static final Set<Reader> READERS =
            EnumSet.of(Reader.READ_COMMITTED, Reader.REPEATABLE_READ, Reader.STABLE_FUNCTION, Reader.LEAF_NAME);

    /** How often the same command is given to finish an undo: once but where locks were missed. */
    private static final int COMMANDS = 3;

    @Test
    @Timeout(value = 3, unit = java.util.concurrent.TimeUnit.HOURS)
    void every_history_with_an_undo_ends_with_the_rows_of_its_model() throws Exception {
        List<HistoryReport> wrong = new ArrayList<>();
        List<String> wrongInside = new ArrayList<>();
        List<Long> seeds = Seeds.of(Seeds.full() ? 60 : 2);
        CampaignLog log = new CampaignLog(UndoHistoryTest.class, seeds.size());
        for (int i = 0; i < seeds.size(); i++) {
            long seed = seeds.get(i);
            System.out.println("seed " + seed);
            PostgresServer server = i % 2 == 1 ? PostgresServer.oldest() : PostgresServer.newest();
            Undone undone = new Undone(server, new SplittableRandom(seed));
            HistoryReport report = History.toUndo(seed).play(server, "undo_history", undone::play);
            System.out.println(report);
            log.played(
                    report.toString(),
                    report.findings().isEmpty() && undone.findings().isEmpty());
            if (!report.findings().isEmpty()) {
                wrong.add(report);
            }
            undone.findings().forEach(finding -> wrongInside.add("seed " + seed + ": " + finding));
        }

        assertThat(wrongInside).as("replay one with -Dneap.seed=").isEmpty();
        assertThat(wrong).as("replay one with -Dneap.seed=").isEmpty();
    }

    /** One rebuild, its undo, and the rebuild again. */
    private record Undone(PostgresServer server, SplittableRandom random, List<String> findings) {
        Undone(PostgresServer server, SplittableRandom random) {
            this(server, random, new ArrayList<>());
        }

        void play(History.Setting setting) throws Exception {
            boolean whole = random.nextInt(3) == 0;
            Stopping rebuilding = whole ? Stopping.never() : new Stopping(1 + random.nextInt(3), random.nextInt(40));
            Neap neap = rebuilding.neap(setting);
            Plan plan = neap.plan(setting.backfill());
            RunResult rebuilt = neap.run(plan, Rebuilds.lettingGo(neap, plan, setting.listener()), rebuilding.stop());
            System.out.println("rebuilt: " + rebuilt);
            boolean some = rebuilt.outcome() == RunResult.Outcome.DONE && random.nextBoolean();
            if (some) {
                undoWatched(setting, of(setting, "ledger_001", "ledger_002"), 2);
                look(setting);
            }
            undoWatched(setting, of(setting), rebuilt.done() - (some ? 2 : 0));
            look(setting);
            assertThat(Rebuilds.neap(setting.target(), setting.probe()).again(setting.backfill()))
                    .isEqualTo(rebuilt.done());
            Rebuilds.withNeap(setting);
        }

        private static UndoRequest of(History.Setting setting, String... partitions) {
            return new UndoRequest(0, setting.backfill().name(), List.of(partitions), List.of(), false, Throttle.NONE);
        }

        private void undoWatched(History.Setting setting, UndoRequest request, int units) throws Exception {
            ReaderPolls seen;
            try (ReaderPolls polls =
                    ReaderPolls.start(server, null, setting.target().database(), READERS)) {
                seen = polls;
                Stopping stopping = new Stopping(0, random.nextInt(120));
                RunResult first = undo(setting, request, stopping);
                System.out.println("undone at first: " + first);
                look(setting);
                boolean givenUp = first.outcome() == RunResult.Outcome.STOPPED
                        && request.partitions().isEmpty()
                        && random.nextBoolean();
                if (givenUp) {
                    // What is back is back, and the next undo is another run, about the rest.
                    assertThat(Rebuilds.neap(setting.target(), setting.probe())
                                    .abandon(setting.backfill().name()))
                            .isTrue();
                }
                RunResult last = first;
                // With readers and writers on a machine that is busy with other things locks may be missed for long.
                for (int i = 0; i < COMMANDS && last.outcome() != RunResult.Outcome.DONE; i++) {
                    last = undo(setting, request, Stopping.never());
                }
                System.out.println((givenUp ? "given up and undone: " : "undone: ") + last);
                assertThat(last.outcome()).as("%s", last).isEqualTo(RunResult.Outcome.DONE);
                assertThat(last.done()).as("%s", last).isEqualTo(units - (givenUp ? first.done() : 0));
            }
            System.out.println(seen.table());
            if (seen.wrong() > 0) {
                findings.add("readers saw what never was:\n" + seen.table());
            }
        }

        private static RunResult undo(History.Setting setting, UndoRequest request, Stopping stopping) {
            Neap neap = stopping.neap(setting);
            UndoPlan plan = neap.undoPlan(request);
            return neap.undo(request, plan, setting.listener(), stopping.stop());
        }

        private void look(History.Setting setting) throws Exception {
            StandingReport report = setting.look().compare();
            System.out.println(report);
            report.differences().forEach(findings::add);
        }
    }

    /** Stops a run at some point of it: after so many swaps, so many points later. */
    private static final class Stopping {
        private final Stop stop = new Stop();
        private int swaps;
        private int points;

        Stopping(int swaps, int points) {
            this.swaps = swaps;
            this.points = points;
        }

        static Stopping never() {
            return new Stopping(0, Integer.MAX_VALUE);
        }

        Stop stop() {
            return stop;
        }

        Neap neap(History.Setting setting) {
            return Rebuilds.neap(setting.target(), point -> {
                setting.probe().at(point);
                passed(point);
            });
        }

        /** Points come from the unit's thread and from that of the run. */
        private synchronized void passed(Point point) {
            if (swaps > 0) {
                swaps -= point == Point.AFTER_SWAP ? 1 : 0;
            } else if (points-- == 0) {
                stop.request("at " + point);
            }
        }
    }
}
