package dev.neap.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.rebuild.Point;
import dev.neap.testkit.History;
import dev.neap.testkit.HistoryReport;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Seeds;
import dev.neap.testkit.TcpProxy;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A bad network between Neap and the server, and a server that goes away: the run goes on and no row is wrong. */
class FaultTest {
    private final long seed = Seeds.of(1).get(0);

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"BEFORE_LOAD_COMMIT", "BEFORE_DRAIN_COMMIT", "AFTER_SHADOW", "OLD_SNAPSHOTS_GONE"})
    void a_commit_whose_answer_is_lost_is_looked_up_and_not_done_twice(Point point) throws Exception {
        through(proxy -> proxy.loseAnswerTo(FaultTest::commits), point, 1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"BEFORE_LOAD_COMMIT", "BEFORE_DRAIN_COMMIT", "OLD_SNAPSHOTS_GONE"})
    void a_commit_that_never_arrives_is_done_again(Point point) throws Exception {
        through(proxy -> proxy.loseRequest(FaultTest::commits), point, 1);
    }

    @Test
    void connections_that_are_reset_are_made_again() throws Exception {
        through(TcpProxy::reset, Point.AFTER_LOAD_BATCH, 0);
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void a_slow_network_only_makes_it_slower() throws Exception {
        through(proxy -> proxy.latency(Duration.ofMillis(2)), Point.RUN_CREATED, 0);
    }

    @Test
    void a_network_that_stalls_longer_than_the_lease_costs_time_and_no_row() throws Exception {
        through(
                proxy -> {
                    proxy.stall(true);
                    Thread timer = new Thread(() -> {
                        sleep(Rebuilds.SHORT.lease().toMillis() * 3 / 2);
                        proxy.stall(false);
                    });
                    timer.start();
                },
                Point.AFTER_LOAD,
                0);
    }

    @Test
    void a_server_that_restarts_in_the_middle_is_waited_for() throws Exception {
        try (PostgresServer server = PostgresServer.start(18, Map.of("fsync", "on", "synchronous_commit", "on"))) {
            AtomicInteger hits = new AtomicInteger();
            HistoryReport report = new History(seed)
                    .play(
                            server,
                            "restarted",
                            setting -> Rebuilds.withNeap(with(setting, setting.target(), point -> {
                                setting.probe().at(point);
                                if (point != Point.AFTER_VERIFY) {
                                    return;
                                }
                                int verified = hits.incrementAndGet();
                                if (verified == 2) {
                                    server.restart();
                                } else if (verified == 5) {
                                    server.kill();
                                    server.start();
                                }
                            })));
            System.out.println(report);

            assertThat(report.findings()).as("%s", report).isEmpty();
        }
    }

    /** A COMMIT by itself, or at the end of the script of a swap. */
    private static boolean commits(String sql) {
        return sql.strip().toUpperCase(Locale.ROOT).endsWith("COMMIT");
    }

    private void through(Consumer<TcpProxy> fault, Point at, int cuts) throws Exception {
        PostgresServer server = PostgresServer.newest();
        try (TcpProxy proxy = new TcpProxy(server.port())) {
            AtomicInteger hits = new AtomicInteger();
            HistoryReport report = new History(seed).play(server, "faults", setting -> {
                ConnectionTarget target = new ConnectionTarget(
                        "postgresql",
                        "localhost",
                        proxy.port(),
                        setting.target().database(),
                        "postgres",
                        null,
                        Map.of());
                Rebuilds.withNeap(with(setting, target, point -> {
                    setting.probe().at(point);
                    if (point == at && hits.incrementAndGet() == 1) {
                        fault.accept(proxy);
                    }
                }));
            });
            System.out.println(report);

            assertThat(hits.get()).isPositive();
            assertThat(proxy.cuts()).isEqualTo(cuts);
            assertThat(report.findings()).as("%s", report).isEmpty();
        }
    }

    private static History.Setting with(History.Setting setting, ConnectionTarget target, dev.neap.run.Probe probe) {
        return new History.Setting(
                target, setting.backfill(), setting.listener(), probe, setting.follower(), setting.ledger());
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
