package dev.neap.testkit.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.testkit.CampaignLog;
import dev.neap.testkit.ChildJvm;
import dev.neap.testkit.Seeds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that fills can be killed at any moment, and the next one finishes with the same rows. The kill is SIGKILL of
 * another process while an application writes both places; the next process is started at once.
 */
public abstract class FillCrashContract {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** The points of a fill into another table, in the order in which a run comes to them. */
    private static final List<Point> POINTS = List.of(
            Point.RUN_CREATED,
            Point.BEFORE_CAPTURE,
            Point.AFTER_CAPTURE,
            Point.UNIT_CLAIMED,
            Point.BEFORE_FILL_COMMIT,
            Point.AFTER_FILL_BATCH,
            Point.BEFORE_RECONCILE_COMMIT,
            Point.AFTER_RECONCILE,
            Point.AFTER_FILL,
            Point.BEFORE_LOOK,
            Point.AFTER_LOOK_PART,
            Point.BEFORE_CAPTURE_ENDS,
            Point.AFTER_CAPTURE_ENDS,
            Point.RUN_FINISHING);

    /** Those where most is at stake, for every day. */
    private static final Set<Point> OFTEN = EnumSet.of(
            Point.BEFORE_FILL_COMMIT,
            Point.AFTER_FILL_BATCH,
            Point.BEFORE_RECONCILE_COMMIT,
            Point.BEFORE_CAPTURE_ENDS,
            Point.AFTER_CAPTURE_ENDS);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    /** The server that the histories are played on. */
    protected abstract FillEngine engine();

    /** How many histories with random kills a slice has. */
    protected abstract int slice();

    /** The class whose main method calls {@link FillChild#run}. */
    protected abstract Class<?> child();

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void a_fill_killed_once_at_every_point_ends_with_the_rows_of_the_model() throws Exception {
        killedAtPoints(null);
    }

    /**
     * A fill that is killed at one point after another.
     *
     * @param jar what {@link HistoryTransforms#jar} made; null for a fill in SQL
     */
    protected final void killedAtPoints(@Nullable Path jar) throws Exception {
        List<Point> never = new ArrayList<>();
        CampaignLog log = new CampaignLog(getClass(), 1);
        FillReport report = new FillHistory(Seeds.of(1).get(0), FillShape.TABLE, engine().words(), jar)
                .play(engine(), "fill_crash_points", setting -> {
                    for (Point point : Seeds.full()
                            ? POINTS
                            : POINTS.stream().filter(OFTEN::contains).toList()) {
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
    void fills_killed_at_random_moments_end_with_the_rows_of_the_model() throws Exception {
        killedAtRandom(slice(), null);
    }

    /**
     * So many fills that are killed at random moments.
     *
     * @param jar as above
     */
    protected final void killedAtRandom(int slice, @Nullable Path jar) throws Exception {
        List<FillReport> wrong = new ArrayList<>();
        List<Long> seeds = Seeds.of(Seeds.full() ? 100 : slice);
        CampaignLog log = new CampaignLog(getClass(), seeds.size());
        for (long seed : seeds) {
            SplittableRandom random = new SplittableRandom(seed);
            FillShape shape = new FillHistory(seed, engine().words()).shape();
            FillHistory history = new FillHistory(seed, shape, engine().words(), jar);
            FillReport report = history.play(engine(), "fill_crash_random", setting -> {
                for (int kills = 2 + random.nextInt(2); kills > 0; kills--) {
                    try (ChildJvm child = start(setting, "-")) {
                        child.await("POINT", PATIENCE);
                        Thread.sleep(random.nextInt(2_500));
                        child.kill();
                    }
                }
                finish(setting);
            });
            System.out.println(report);
            log.played(report.toString(), report.findings().isEmpty());
            if (!report.findings().isEmpty()) {
                wrong.add(report);
            }
        }

        assertThat(wrong).as("replay one with -Dneap.seed=").isEmpty();
    }

    /** False when the run ended, or nothing happened for long, before it came to the point. */
    private boolean killedAt(FillHistory.Setting setting, Point point) throws Exception {
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

    private void finish(FillHistory.Setting setting) throws Exception {
        try (ChildJvm child = start(setting, "-")) {
            assertThat(child.end(PATIENCE.multipliedBy(2)))
                    .as(tail(child.output()))
                    .isZero();
        }
    }

    private ChildJvm start(FillHistory.Setting setting, String point) throws Exception {
        Path file = Files.writeString(folder.resolve("backfill.yaml"), setting.yaml());
        return ChildJvm.start(
                child().getName(), List.of(file.toString(), String.valueOf(setting.workers()), point), line -> {});
    }

    private static String tail(String output) {
        return output.substring(Math.max(0, output.length() - 2_000));
    }
}
