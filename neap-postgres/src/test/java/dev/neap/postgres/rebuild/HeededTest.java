package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Environment;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Plan;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a rebuild begins late, it asks its signals first. */
class HeededTest {
    private static final String CAPTURES = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'neap_capture%'";
    private static final String SWAPPED = "SELECT count(*) FROM ledger WHERE form = 2";
    /** Where nothing keeps it from going on, it has done so by then. */
    private static final Duration WATCHED = Duration.ofSeconds(3);

    private final PostgresServer server = PostgresServer.newest();

    @TempDir
    Path folder;

    private Backfill backfill(String more) throws IOException {
        Path file = folder.resolve("fix.yaml");
        Files.writeString(file, """
                backfill: fix-amount
                profile: dev
                rebuild:
                  table: ledger
                  set: { amount: amount * 100, form: "2" }
                  already_right: form = 2
                """ + more);
        return BackfillFile.read(file, Environment.system()).backfill();
    }

    private Backfill frozenBy(Path flag) throws IOException {
        return backfill("throttle: { signals: { name: freeze, file: " + flag + ", every: 500ms } }\n");
    }

    private static CompletableFuture<RunResult> run(Ledger ledger, Backfill backfill, Probe probe) {
        Engine engine = ledger.engine(probe);
        Plan plan = engine.plan(backfill);
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        return CompletableFuture.supplyAsync(() -> engine.run(plan, ledger.events::add, new Stop()));
    }

    /** Returns when the run knows that it is to wait. */
    private static void freeze(Ledger ledger, Path flag) {
        try {
            Files.createFile(flag);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> ledger.events.stream()
                        .anyMatch(event -> event instanceof RunEvent.SpeedChanged changed
                                && changed.decision().waits()));
    }

    @Test
    void nothing_is_mended_and_no_capture_ends_while_a_signal_says_wait() throws Exception {
        Ledger ledger = new Ledger(server, "heeded_settling").withRows(300);
        Path flag = folder.resolve("freeze");
        CompletableFuture<RunResult> run =
                run(ledger, frozenBy(flag), new Once(Point.BEFORE_SETTLE, () -> freeze(ledger, flag)));
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(flag) || run.isDone());
        long captures = ledger.number(CAPTURES);

        Thread.sleep(WATCHED.toMillis());

        assertThat(run).isNotDone();
        assertThat(captures).isPositive();
        assertThat(ledger.number(CAPTURES)).isEqualTo(captures);
        Files.delete(flag);
        assertThat(run.get(60, TimeUnit.SECONDS).outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number(CAPTURES)).isZero();
    }

    /** As when another unit's turn took long. */
    @Test
    void what_was_said_while_a_swap_waited_for_its_turn_is_heeded() throws Exception {
        Ledger ledger = new Ledger(server, "heeded_swap").withRows(300);
        Path flag = folder.resolve("freeze");
        AtomicBoolean toSwap = new AtomicBoolean();
        Once drained = new Once(Point.AFTER_DRAIN, () -> freeze(ledger, flag));
        CompletableFuture<RunResult> run = run(ledger, frozenBy(flag), point -> {
            if (point == Point.BEFORE_SWAP) {
                toSwap.set(true);
            } else if (toSwap.get()) {
                drained.at(point);
            }
        });
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(flag) || run.isDone());

        Thread.sleep(WATCHED.toMillis());

        assertThat(run).isNotDone();
        assertThat(ledger.number(SWAPPED)).isZero();
        Files.delete(flag);
        assertThat(run.get(60, TimeUnit.SECONDS).outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number(SWAPPED)).isEqualTo(900);
    }

    @Test
    void a_breaker_ends_the_run_whose_own_session_was_lost_meanwhile() throws Exception {
        Ledger ledger = new Ledger(server, "heeded_breaker").withRows(300);
        Engine engine = ledger.engine(point -> {
            if (point == Point.BEFORE_VERIFY) {
                server.execute(ledger.database, """
                        DO $$ DECLARE shadow regclass; BEGIN
                            FOR shadow IN SELECT oid FROM pg_class WHERE relnamespace = 'neap_work_1'::regnamespace
                                            AND relkind = 'r' AND relname ~ '^ledger_[0-9]+$'
                            LOOP EXECUTE format('DELETE FROM %s WHERE id %% 10 = 0', shadow); END LOOP;
                            PERFORM pg_terminate_backend(pid) FROM (
                                SELECT pid FROM pg_stat_activity
                                WHERE datname = current_database() AND application_name = 'neap run control'
                                ORDER BY backend_start LIMIT 1) AS own;
                        END $$
                        """);
            }
        });
        Plan plan = engine.plan(backfill(""));

        assertThatThrownBy(() -> engine.run(plan, 2, ledger.events::add, new Stop()))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.BREAKER));
        assertThat(ledger.number("SELECT count(*) FROM neap.event WHERE kind = 'breaker'"))
                .isEqualTo(1);
        assertThat(ledger.text("SELECT state FROM neap.run")).isEqualTo("stopped");
    }

    @Test
    void an_address_to_be_told_that_cannot_be_had_refuses_the_run_and_not_its_breaker() throws Exception {
        Ledger ledger = new Ledger(server, "heeded_webhook").withRows(10);
        Path key = folder.resolve("key");
        Files.writeString(key, "secret");
        Backfill told = backfill("breaker: { webhook: \"http://localhost:1/neap?key=${file:" + key + "}\" }\n");
        Engine engine = ledger.engine();
        Plan plan = engine.plan(told);
        Files.delete(key);

        assertThatThrownBy(() -> engine.run(plan, ledger.events::add, new Stop()))
                .isInstanceOfAny(BackfillException.class, NeapException.class)
                .hasMessageContaining("key");
        assertThat(ledger.number(SWAPPED)).isZero();
    }
}
