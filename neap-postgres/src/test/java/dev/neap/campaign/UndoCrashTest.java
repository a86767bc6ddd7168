package dev.neap.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.plan.Plan;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.CampaignLog;
import dev.neap.testkit.ChildJvm;
import dev.neap.testkit.History;
import dev.neap.testkit.HistoryReport;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.RunLines;
import dev.neap.testkit.Seeds;
import dev.neap.testkit.StandingReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An undo can be killed at any moment, and the same command finishes it. The kill is SIGKILL of another process while an
 * application writes; after each one every row is compared with the model, whichever partitions are back by then. CI
 * kills at every other point; `-Dneap.campaign=full` at each, and 40 histories at random moments.
 */
class UndoCrashTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Set<Point> NOT_IN_AN_UNDO = EnumSet.of(Point.HELD, Point.SETTLE_BATCH);

    static {
        NOT_IN_AN_UNDO.addAll(Rebuilds.ONLY_IN_A_MERGE);
        NOT_IN_AN_UNDO.addAll(Point.OF_A_FILL);
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void an_undo_killed_once_at_every_point_puts_back_the_rows_of_the_model() throws Exception {
        long seed = Seeds.of(1).get(0);
        List<String> wrong = new ArrayList<>();
        CampaignLog log = new CampaignLog(UndoCrashTest.class, 1);
        HistoryReport report = History.toUndo(seed).play(PostgresServer.newest(), "undo_crash_points", setting -> {
            rebuild(setting);
            for (Point point : points(seed)) {
                if (!killedAt(setting, point)) {
                    wrong.add("no undo came to " + point);
                }
                look(setting, "killed at " + point, wrong);
            }
            finishAndRebuildAgain(setting, wrong);
        });
        System.out.println(report);
        log.played(report.toString(), wrong.isEmpty() && report.findings().isEmpty());

        assertThat(wrong).as("seed %s", seed).isEmpty();
        assertThat(report.findings()).as("%s", report).isEmpty();
    }

    @Test
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void undos_killed_at_random_moments_put_back_the_rows_of_the_model() throws Exception {
        List<String> wrong = new ArrayList<>();
        List<Long> seeds = Seeds.of(Seeds.full() ? 40 : 1);
        CampaignLog log = new CampaignLog(UndoCrashTest.class, seeds.size());
        for (long seed : seeds) {
            int wrongBefore = wrong.size();
            SplittableRandom random = new SplittableRandom(seed);
            HistoryReport report = History.toUndo(seed).play(PostgresServer.oldest(), "undo_crash_random", setting -> {
                rebuild(setting);
                for (int kills = Seeds.full() ? 5 : 2; kills > 0; kills--) {
                    try (ChildJvm child = start(setting, "-")) {
                        child.await("POINT", PATIENCE);
                        Thread.sleep(random.nextInt(1_000));
                        child.kill();
                    }
                    look(setting, "seed " + seed, wrong);
                }
                finishAndRebuildAgain(setting, wrong);
            });
            System.out.println(report);
            report.findings().forEach(finding -> wrong.add("seed " + seed + ": " + finding));
            log.played(report.toString(), wrong.size() == wrongBefore);
        }

        assertThat(wrong).as("replay one with -Dneap.seed=").isEmpty();
    }

    /** In their order. CI takes every other one, as the seed has it. */
    private static List<Point> points(long seed) {
        List<Point> all = Arrays.stream(Point.values())
                .filter(p -> !NOT_IN_AN_UNDO.contains(p))
                .toList();
        return IntStream.range(0, all.size())
                .filter(i -> Seeds.full() || (i + seed) % 2 == 0)
                .mapToObj(all::get)
                .toList();
    }

    /** Quickly: this is not about the rebuild. */
    private static void rebuild(History.Setting setting) {
        Neap neap = Rebuilds.neap(setting.target(), Probe.NONE);
        Plan plan = neap.plan(setting.backfill());
        RunResult result = neap.run(plan, Rebuilds.lettingGo(neap, plan, setting.follower()), new Stop());
        assertThat(result.outcome()).as("%s", result).isEqualTo(RunResult.Outcome.DONE);
    }

    private static void look(History.Setting setting, String when, List<String> wrong) throws Exception {
        StandingReport report = setting.look().compare();
        System.out.println(when + ": " + report);
        report.differences().forEach(difference -> wrong.add(when + ": " + difference));
    }

    private static void finishAndRebuildAgain(History.Setting setting, List<String> wrong) throws Exception {
        try (ChildJvm child = start(setting, "-")) {
            assertThat(child.end(PATIENCE)).as(tail(child.output())).isZero();
        }
        StandingReport report = setting.look().compare();
        System.out.println("undone: " + report);
        report.differences().forEach(difference -> wrong.add("undone: " + difference));
        assertThat(report.rebuilt()).as("rows in partitions that are not back").isZero();
        Neap neap = Rebuilds.neap(setting.target(), Probe.NONE);
        assertThat(neap.again(setting.backfill())).isPositive();
        rebuild(setting);
    }

    /** False when the undo ended, or nothing happened for long, before it came to the point. */
    private static boolean killedAt(History.Setting setting, Point point) throws Exception {
        try (ChildJvm child = start(setting, point.name())) {
            boolean stands = child.await("STANDS " + point, PATIENCE);
            if (stands) {
                Thread.sleep(50);
                assertThat(child.kill()).isEqualTo(ChildJvm.KILLED);
            } else {
                System.out.println("never at " + point + ": " + tail(child.output()));
            }
            return stands;
        }
    }

    private static ChildJvm start(History.Setting setting, String point) throws Exception {
        return ChildJvm.start(
                CrashChild.class.getName(),
                List.of(
                        String.valueOf(setting.target().port()),
                        setting.target().database(),
                        String.valueOf(setting.ledger().partitions()),
                        String.valueOf(setting.backfill().batchRows()),
                        CrashChild.UNDO,
                        point),
                new RunLines(setting.follower()));
    }

    private static String tail(String output) {
        return output.substring(Math.max(0, output.length() - 2_000));
    }
}
