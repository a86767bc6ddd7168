package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BreakerLimits;
import dev.neap.backfill.OnBreaker;
import dev.neap.backfill.Schedule;
import dev.neap.backfill.ServerSignals;
import dev.neap.backfill.Throttle;
import dev.neap.dialect.NeapException;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The breaker ends a rebuild, and the file says that what it swapped is to be put back. */
class AfterBreakerTest {
    private static final String NEW_ROWS = "SELECT count(*) FROM ledger WHERE form = 2";

    /** Over this lag of the standby nothing is written. */
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private static final Duration STILL_PAUSED = Duration.ofSeconds(10);

    private static Backfill watched(Backfill backfill) {
        return new Backfill(
                backfill.name(),
                backfill.profile(),
                backfill.rebuild(),
                backfill.pace(),
                backfill.batchRows(),
                backfill.failureLimit(),
                backfill.assertions(),
                backfill.replicas(),
                new Throttle(LIMIT, true, false, List.of(), null, ServerSignals.NONE, Schedule.ALWAYS),
                new BreakerLimits(0.0001, Duration.ofMillis(1_500), 60, null, OnBreaker.UNDO));
    }

    @Test
    void what_was_swapped_before_it_tripped_is_put_back_when_the_replica_has_caught_up() throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby()) {
            Ledger ledger = new Ledger(primary, "after_breaker").withRows(1_000);
            primary.awaitReplay(standby);
            Engine engine = ledger.engine(Ledger.QUICK, new Once(Point.AFTER_SWAP, () -> {
                standby.execute(PostgresServer.ADMIN, "SELECT pg_wal_replay_pause()");
                // The run goes on when its signal has seen that: a quick machine would be done before.
                ledger.events.clear();
                ledger.awaitSaid("verdict=WAIT");
            }));
            CompletableFuture<Void> run = CompletableFuture.runAsync(
                    () -> engine.run(engine.plan(watched(ledger.backfill())), ledger.events::add, new Stop()));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> run.isDone() || ledger.events.toString().contains("is put back now"));
            assertThat(ledger.number(NEW_ROWS)).as("it had swapped some").isPositive();
            // The usual limit of an undo, 5 s for a tenth of its patience, has been passed by then.
            Thread.sleep(STILL_PAUSED.toMillis());
            assertThat(run).isNotDone();
            standby.execute(PostgresServer.ADMIN, "SELECT pg_wal_replay_resume()");

            assertThatThrownBy(() -> run.get(120, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.BREAKER))
                    .hasMessageContaining("replica lag of standby")
                    .hasMessageContaining("what it had swapped is put back, ");
            assertThat(ledger.number(NEW_ROWS)).isZero();
            assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(3_000);
            assertThat(ledger.number("SELECT count(*) FROM neap.event WHERE kind = 'breaker'"))
                    .isEqualTo(1);
        }
    }
}
