package dev.neap.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Cutover;
import dev.neap.rebuild.Point;
import dev.neap.testkit.CampaignLog;
import dev.neap.testkit.ChildJvm;
import dev.neap.testkit.History;
import dev.neap.testkit.HistoryReport;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.RunLines;
import dev.neap.testkit.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Any process can be killed at any moment, and the next run finishes with the same rows. The kill is SIGKILL of another
 * process while an application writes; the next process is started at once, so it has to wait out the dead one's lease.
 */
class CrashCampaignTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void a_run_killed_once_at_every_point_ends_with_the_rows_of_the_model() throws Exception {
        everyPoint(Cutover.SWAP, Rebuilds.pointsOf(Cutover.SWAP));
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void a_merging_run_killed_once_at_every_point_of_a_merge_ends_with_the_rows_of_the_model() throws Exception {
        everyPoint(
                Cutover.MERGE, Seeds.full() ? Rebuilds.pointsOf(Cutover.MERGE) : List.copyOf(Rebuilds.ONLY_IN_A_MERGE));
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void a_holding_run_killed_while_it_holds_ends_with_the_rows_of_the_model() throws Exception {
        everyPoint(
                Cutover.HOLD,
                Seeds.full() ? Rebuilds.pointsOf(Cutover.HOLD) : List.of(Point.HELD, Point.LAST_DRAIN_COMMITTED));
    }

    private static void everyPoint(Cutover cutover, List<Point> points) throws Exception {
        List<Point> never = new ArrayList<>();
        CampaignLog log = new CampaignLog(CrashCampaignTest.class, 1);
        HistoryReport report = new History(Seeds.of(1).get(0), cutover)
                .play(PostgresServer.newest(), "crash_points_" + cutover.name().toLowerCase(Locale.ROOT), setting -> {
                    for (Point point : points) {
                        if (!killedAt(setting, point)) {
                            never.add(point);
                        }
                    }
                    finish(setting);
                });
        System.out.println(report);
        log.played(report.toString(), never.isEmpty() && report.findings().isEmpty());

        assertThat(never).as("points that no run came to").isEmpty();
        assertThat(report.findings()).as("%s", report).isEmpty();
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.HOURS)
    void runs_killed_at_random_moments_end_with_the_rows_of_the_model() throws Exception {
        List<HistoryReport> wrong = new ArrayList<>();
        List<Long> seeds = Seeds.of(Seeds.full() ? 100 : 1);
        CampaignLog log = new CampaignLog(CrashCampaignTest.class, seeds.size());
        for (long seed : seeds) {
            SplittableRandom random = new SplittableRandom(seed);
            int workers = 1 + Math.floorMod(seed, 3);
            HistoryReport report = History.ofAnyCutover(seed).play(PostgresServer.newest(), "crash_random", setting -> {
                for (int kills = 3 + random.nextInt(3); kills > 0; kills--) {
                    try (ChildJvm child = start(setting, "-", workers)) {
                        child.await("POINT", PATIENCE);
                        Thread.sleep(random.nextInt(3_000));
                        child.kill();
                    }
                }
                finish(setting, workers);
            });
            System.out.println(report + ", " + workers + " workers");
            log.played(report.toString(), report.findings().isEmpty());
            if (!report.findings().isEmpty()) {
                wrong.add(report);
            }
        }

        assertThat(wrong).as("replay one with -Dneap.seed=").isEmpty();
    }

    /** False when the run ended, or nothing happened for long, before it came to the point. */
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

    private static void finish(History.Setting setting) throws Exception {
        finish(setting, 1);
    }

    private static void finish(History.Setting setting, int workers) throws Exception {
        try (ChildJvm child = start(setting, "-", workers)) {
            assertThat(child.end(PATIENCE.multipliedBy(2)))
                    .as(tail(child.output()))
                    .isZero();
        }
    }

    static ChildJvm start(History.Setting setting, String point) throws Exception {
        return start(setting, point, 1);
    }

    private static ChildJvm start(History.Setting setting, String point, int workers) throws Exception {
        return ChildJvm.start(
                CrashChild.class.getName(),
                List.of(
                        String.valueOf(setting.target().port()),
                        setting.target().database(),
                        String.valueOf(setting.ledger().partitions()),
                        String.valueOf(setting.backfill().batchRows()),
                        setting.backfill().rebuild().cutover().name(),
                        point,
                        String.valueOf(workers)),
                new RunLines(setting.follower()));
    }

    private static String tail(String output) {
        return output.substring(Math.max(0, output.length() - 2_000));
    }
}
