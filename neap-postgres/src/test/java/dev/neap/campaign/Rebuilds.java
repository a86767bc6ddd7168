package dev.neap.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Cutover;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.History;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The rebuild that the campaigns are about. */
final class Rebuilds {
    /** Times for a machine that shall not wait long for what it has killed. */
    static final Tuning SHORT = new Tuning(
            Duration.ofSeconds(2),
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10),
            1_000_000);

    /** With the patience of a real run: the server itself lets readers of a standby hold up its replay for 30 seconds. */
    static final Tuning WITH_STANDBY = new Tuning(
            SHORT.lease(),
            SHORT.lockDeadline(),
            SHORT.courtesy(),
            Tuning.DEFAULT.patience(),
            SHORT.captureLife(),
            SHORT.captureLimit());

    /** With a lease that is soon waited out, for many kills in a row. */
    static final Tuning BRIEF = new Tuning(
            Duration.ofSeconds(1),
            SHORT.lockDeadline(),
            SHORT.courtesy(),
            SHORT.patience(),
            SHORT.captureLife(),
            SHORT.captureLimit());

    static final Set<Point> ONLY_IN_A_MERGE = EnumSet.of(
            Point.BEFORE_MERGE,
            Point.BEFORE_MERGE_COMMIT,
            Point.AFTER_MERGE_BATCH,
            Point.BEFORE_MERGE_DONE,
            Point.AFTER_MERGE);

    private static final Set<Point> ONLY_IN_A_SWAP = EnumSet.of(
            Point.BEFORE_SWAP,
            Point.BEFORE_TURN_OVER,
            Point.LAST_DRAIN_COMMITTED,
            Point.OLD_SNAPSHOTS_GONE,
            Point.AFTER_SWAP);

    private Rebuilds() {}

    /** The points that a run comes to, in their order. */
    static List<Point> pointsOf(Cutover cutover) {
        Set<Point> others = EnumSet.copyOf(cutover == Cutover.MERGE ? ONLY_IN_A_SWAP : ONLY_IN_A_MERGE);
        others.addAll(Point.OF_A_FILL);
        if (cutover != Cutover.HOLD) {
            others.add(Point.HELD);
        }
        return Arrays.stream(Point.values()).filter(p -> !others.contains(p)).toList();
    }

    static Neap neap(ConnectionTarget target, Probe probe) {
        return neap(target, SHORT, probe);
    }

    static Neap neap(ConnectionTarget target, Tuning tuning, Probe probe) {
        return new Neap(new PostgresDialect(), target, tuning, probe);
    }

    /** Somebody who wants each unit swapped as soon as it is held. */
    static RunListener lettingGo(Neap neap, Plan plan, RunListener listener) {
        return event -> {
            listener.on(event);
            if (event instanceof RunEvent.UnitHeld held) {
                neap.swap(plan.backfill().name(), List.of(held.partition().toString()));
            } else if (event instanceof RunEvent.Waiting waiting
                    && waiting.why().contains("ready to swap")) {
                // Held by a process that was killed before anybody heard of it.
                neap.swap(plan.backfill().name(), List.of());
            }
        };
    }

    /** Plans and runs it whole; anything but an end with every unit done fails. */
    static void withNeap(History.Setting setting) {
        withNeap(setting, 1);
    }

    /** The same with several units at work at once. */
    static void withNeap(History.Setting setting, int workers) {
        Tuning tuning = setting.backfill().replicas().isEmpty() ? SHORT : WITH_STANDBY;
        Neap neap = neap(setting.target(), tuning, setting.probe());
        Plan plan = neap.plan(setting.backfill());
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        RunResult result = neap.run(plan, workers, lettingGo(neap, plan, setting.listener()), new Stop());
        assertThat(result.outcome()).as("%s", result).isEqualTo(RunResult.Outcome.DONE);
    }
}
