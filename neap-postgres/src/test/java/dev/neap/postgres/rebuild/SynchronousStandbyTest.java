package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Stalls;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Every commit of the application waits for a standby; one that lags, or is gone, must not make a swap hold its locks. */
class SynchronousStandbyTest {
    private static final long DEADLINE_MS = Ledger.QUICK.lockDeadline().toMillis();

    @Test
    void a_synchronous_standby_that_does_not_replay_holds_up_no_swap_and_no_reader() throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby()) {
            Ledger ledger = new Ledger(primary, "sync_paused").withRows(2_000);
            primary.awaitReplay(standby);
            standby.execute(PostgresServer.ADMIN, "SELECT pg_wal_replay_pause()");

            swapsThough(ledger, () -> standby.execute(PostgresServer.ADMIN, "SELECT pg_wal_replay_resume()"));
        }
    }

    @Test
    void a_synchronous_standby_that_is_gone_holds_up_no_swap_and_no_reader() throws Exception {
        try (PostgresServer primary =
                PostgresServer.start(PostgresServer.oldest().major(), Map.of())) {
            Ledger ledger = new Ledger(primary, "sync_gone").withRows(2_000);

            swapsThough(
                    ledger,
                    () -> primary.execute(
                            PostgresServer.ADMIN,
                            "ALTER SYSTEM RESET synchronous_standby_names",
                            "SELECT pg_reload_conf()"));
        }
    }

    /** From here on a commit waits for the standby, as one of the application's shows during the whole run. */
    private static void swapsThough(Ledger ledger, Runnable mendTheStandby) throws Exception {
        PostgresServer primary = ledger.server;
        primary.execute(
                ledger.database,
                "CREATE TABLE elsewhere (id int)",
                "ALTER DATABASE " + ledger.database + " SET synchronous_commit = remote_apply");
        primary.execute(
                PostgresServer.ADMIN,
                "ALTER SYSTEM SET synchronous_standby_names = 'standby'",
                "SELECT pg_reload_conf()");
        AtomicBoolean mended = new AtomicBoolean();
        CompletableFuture<Void> application = CompletableFuture.runAsync(() -> {
            // The setting takes effect a moment after it was made: until then commits do not wait.
            do {
                primary.execute(ledger.database, "INSERT INTO elsewhere VALUES (1)");
            } while (!mended.get());
        });
        String waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> ledger.number(waiting) == 1);
        AtomicLong swaps = new AtomicLong();
        RunResult result;
        Stalls stalls = new Stalls(
                primary, ledger.database, "SELECT count(*) FROM ledger WHERE day = '2026-01-02' AND id < 100");
        try (stalls) {
            Probe probe = point -> swaps.addAndGet(point == Point.AFTER_SWAP ? 1 : 0);
            result = CompletableFuture.supplyAsync(() -> ledger.run(probe)).get(60, TimeUnit.SECONDS);
        } finally {
            assertThat(application).as("a commit of the application's").isNotDone();
            assertThat(ledger.number(waiting))
                    .as("commits that wait for the standby")
                    .isEqualTo(1);
            mended.set(true);
            mendTheStandby.run();
        }
        application.get(20, TimeUnit.SECONDS);

        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(swaps.get()).isEqualTo(4);
        assertThat(stalls.longestMs()).as("the longest stall of a reader, ms").isLessThan(DEADLINE_MS + 500);
    }
}
