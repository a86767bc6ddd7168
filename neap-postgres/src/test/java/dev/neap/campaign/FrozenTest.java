package dev.neap.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Cutover;
import dev.neap.rebuild.Point;
import dev.neap.testkit.ChildJvm;
import dev.neap.testkit.History;
import dev.neap.testkit.HistoryReport;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Seeds;
import dev.neap.testkit.Stalls;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Neap stopped by SIGSTOP, its sessions open: whatever lock it held, the server takes it back by the deadline, so that no
 * reader waits longer than the one deadline and the swap.
 */
class FrozenTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration FROZEN = Duration.ofSeconds(3);
    private static final String[] READ = {
        "SELECT count(*), sum(debit + credit) FROM ledger", "SELECT count(*) FROM account"
    };

    /** For a machine that is busy with other things. */
    private static final long SLACK_MS = 500;

    /** Where locks are held that others could feel. The full campaign takes every point. */
    private static final List<Point> HOLDING = List.of(
            Point.AFTER_CAPTURE,
            Point.BEFORE_LOAD_COMMIT,
            Point.BEFORE_DRAIN_COMMIT,
            Point.BEFORE_TURN_OVER,
            Point.LAST_DRAIN_COMMITTED,
            Point.OLD_SNAPSHOTS_GONE);

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void readers_never_stall_longer_than_the_deadline_wherever_neap_freezes() throws Exception {
        PostgresServer server = PostgresServer.newest();
        Map<Point, Long> stalls = new EnumMap<>(Point.class);
        HistoryReport report = new History(Seeds.of(1).get(0)).play(server, "frozen", setting -> {
            for (Point point : Seeds.full() ? Rebuilds.pointsOf(Cutover.SWAP) : HOLDING) {
                stalls.put(point, longestStallWhileFrozenAt(server, setting, point));
            }
            try (ChildJvm child = CrashCampaignTest.start(setting, "-")) {
                assertThat(child.end(PATIENCE.multipliedBy(2)))
                        .as(child.output())
                        .isZero();
            }
        });
        System.out.println(report + "\nlongest stall of a reader, ms: " + stalls);

        assertThat(report.findings()).as("%s", report).isEmpty();
        long most = Rebuilds.SHORT.lockDeadline().toMillis() + SLACK_MS;
        assertThat(stalls)
                .allSatisfy((point, ms) -> assertThat(ms).as("%s", point).isLessThan(most));
    }

    private static long longestStallWhileFrozenAt(PostgresServer server, History.Setting setting, Point point)
            throws Exception {
        try (ChildJvm child = CrashCampaignTest.start(setting, point.name())) {
            assertThat(child.await("STANDS " + point, PATIENCE))
                    .as("%s: %s", point, child.output())
                    .isTrue();
            int stopped = new ProcessBuilder("kill", "-STOP", String.valueOf(child.pid()))
                    .start()
                    .waitFor();
            assertThat(stopped).isZero();
            Stalls stalls = new Stalls(server, setting.target().database(), READ);
            try (stalls) {
                Thread.sleep(FROZEN.toMillis());
                child.kill();
            }
            return stalls.longestMs();
        }
    }
}
