package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.Throttle;
import dev.neap.control.UndoRuns;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Plan;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.run.UndoPlan;
import dev.neap.run.UndoRequest;
import dev.neap.testkit.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The same command again: after an end, beside a run that is alive, with a changed file, after capture lapsed. */
class AgainTest {
    private final PostgresServer server = PostgresServer.newest();

    private static RunResult stoppedAfterTheFirstSwap(Ledger ledger) {
        Stop stop = new Stop();
        Engine engine = ledger.engine(new Once(Point.AFTER_SWAP, () -> stop.request("after the first swap")));
        RunResult result = engine.run(engine.plan(ledger.backfill()), RunListener.SILENT, stop);
        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.STOPPED);
        return result;
    }

    @Test
    void no_partition_is_rebuilt_twice_by_the_same_declaration() {
        Ledger ledger = new Ledger(server, "again_done").withRows(500);
        ledger.run(Probe.NONE);
        ledger.events.clear();

        RunResult again = ledger.run(Probe.NONE);

        assertThat(again.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(again.done()).isZero();
        assertThat(ledger.number("SELECT count(*) FROM neap.unit WHERE run_id = 2 AND state = 'skipped'"))
                .isEqualTo(4);
    }

    @Test
    void a_retry_does_the_units_that_failed_and_leaves_the_others() {
        Ledger ledger = new Ledger(server, "again_retry").withRows(500);
        String broken = ledger.text("SELECT tableoid::regclass FROM ledger WHERE id = 3");
        Stop stop = new Stop();
        Engine engine = ledger.engine();
        RunListener stopsAtTheFirstFailure = event -> {
            if (event instanceof RunEvent.UnitFailed) {
                stop.request("a unit failed");
            }
        };
        Plan plan = engine.plan(ledger.backfill());
        server.execute(ledger.database, "UPDATE ledger SET amount = 999999999 WHERE id = 3");
        engine.run(plan, stopsAtTheFirstFailure, stop);
        String states = "SELECT string_agg(state, ',' ORDER BY position) FROM neap.unit WHERE run_id = 1";
        String before = ledger.text(states);
        assertThat(before).contains("failed").contains("pending");
        assertThat(engine.failed(0, "fix-amount").orElseThrow().units()).isEqualTo(1);

        server.execute(ledger.database, "UPDATE ledger SET amount = 9 WHERE id = 3");
        RunResult retried = engine.retry(engine.plan(ledger.backfill()), RunListener.SILENT, new Stop());

        assertThat(retried.outcome()).isEqualTo(RunResult.Outcome.STOPPED);
        assertThat(ledger.text(states)).isEqualTo(before.replace("failed", "done"));
        assertThat(ledger.number("SELECT count(*) FROM " + broken + " WHERE form <> 2"))
                .isZero();
        assertThat(engine.failed(0, "fix-amount").map(Engine.Failed::units).orElse(0))
                .isZero();
        assertThat(ledger.run(Probe.NONE).outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    @Test
    void a_partition_that_was_added_since_is_rebuilt_by_the_next_run() {
        Ledger ledger = new Ledger(server, "again_added").withRows(500);
        ledger.run(Probe.NONE);
        server.execute(
                ledger.database,
                "CREATE TABLE ledger_4 PARTITION OF ledger FOR VALUES FROM ('2026-01-04') TO ('2026-01-05')",
                "INSERT INTO ledger VALUES ('2026-01-04', 1, 1, 5, 1, 'late')");

        RunResult again = ledger.run(Probe.NONE);

        assertThat(again.done()).isEqualTo(1);
        assertThat(ledger.number("SELECT amount::bigint FROM ledger_4")).isEqualTo(500);
        assertThat(ledger.run(Probe.NONE).done()).isZero();
        UndoRequest undo = new UndoRequest(0, "fix-amount", List.of(), List.of(), false, Throttle.NONE);
        UndoPlan plan = ledger.engine().undoPlan(undo);
        assertThat(plan.run()).as("the newest that replaced anything").isEqualTo(2);
        assertThat(plan.older()).as("it replaced one alone").containsExactly(new UndoRuns.Older(1, 4));
        server.execute(ledger.database, "UPDATE neap.unit SET kept_until = now() WHERE partition_name = 'ledger_1'");
        server.execute(
                ledger.database,
                "UPDATE neap.unit SET state = 'undone' WHERE run_id = 1 AND partition_name = 'ledger_2'");
        assertThat(ledger.engine().undoPlan(undo).older())
                .as("neither what is over nor what is back counts")
                .containsExactly(new UndoRuns.Older(1, 2));
    }

    @Test
    void a_partition_that_is_added_under_an_unfinished_run_does_not_stop_it() {
        Ledger ledger = new Ledger(server, "again_added_meanwhile").withRows(500);
        stoppedAfterTheFirstSwap(ledger);
        server.execute(
                ledger.database,
                "CREATE TABLE ledger_4 PARTITION OF ledger FOR VALUES FROM ('2026-01-04') TO ('2026-01-05')");

        assertThat(ledger.run(Probe.NONE).outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    @Test
    void a_partition_that_is_dropped_under_an_unfinished_run_fails_alone() {
        Ledger ledger = new Ledger(server, "again_dropped").withRows(500);
        stoppedAfterTheFirstSwap(ledger);
        server.execute(ledger.database, "DROP TABLE ledger_1");

        RunResult result = ledger.run(Probe.NONE);

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.FAILED);
        assertThat(result.causes())
                .singleElement()
                .asString()
                .contains("public.ledger_1")
                .contains("not there any more");
        assertThat(ledger.number("SELECT count(*) FROM ledger_2 WHERE form = 2"))
                .isEqualTo(500);
    }

    @Test
    void a_file_that_was_changed_under_an_unfinished_run_is_refused() {
        Ledger ledger = new Ledger(server, "again_changed").withRows(500);
        stoppedAfterTheFirstSwap(ledger);
        Backfill before = ledger.backfill();
        Rebuild rebuild = before.rebuild();
        Backfill changed = new Backfill(
                before.name(),
                before.profile(),
                new Rebuild(
                        rebuild.table(),
                        rebuild.partitions(),
                        Map.of("amount", "amount * 10", "form", "2"),
                        rebuild.alreadyRight(),
                        rebuild.applicationWrites(),
                        rebuild.writes(),
                        rebuild.keepOld()),
                before.pace(),
                before.batchRows(),
                before.failureLimit(),
                Map.of(),
                before.replicas());
        Engine engine = ledger.engine();

        assertThatThrownBy(() -> engine.run(engine.plan(changed), RunListener.SILENT, new Stop()))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.USAGE))
                .hasMessageContaining("the file was changed under run 1");
    }

    @Test
    void a_changed_keep_old_holds_from_now_on_and_a_changed_pace_is_named() {
        Ledger ledger = new Ledger(server, "again_pace").withRows(500);
        stoppedAfterTheFirstSwap(ledger);
        Backfill before = ledger.backfill();
        Rebuild rebuild = before.rebuild();
        Backfill changed = new Backfill(
                before.name(),
                before.profile(),
                new Rebuild(
                        rebuild.table(),
                        rebuild.partitions(),
                        rebuild.set(),
                        rebuild.alreadyRight(),
                        rebuild.applicationWrites(),
                        rebuild.writes(),
                        Duration.ofHours(36)),
                new Pace(null, Duration.ZERO, Duration.ofMillis(1)),
                before.batchRows(),
                before.failureLimit(),
                Map.of(),
                before.replicas());
        Engine engine = ledger.engine();

        engine.run(engine.plan(changed), ledger.events::add, new Stop());

        assertThat(ledger.events.toString())
                .contains("partitions that run 1 replaces from now on are kept for 1d12h")
                .contains("keeps the pace it was given (no ceiling), not the file's; `neap pace` changes it");
        assertThat(ledger.text(
                        "SELECT string_agg((kept_until - done_at > interval '6 days')::text, ' ' ORDER BY position)"
                                + " FROM neap.unit"))
                .isEqualTo("true false false false");
    }

    @Test
    void of_two_runs_at_once_the_second_says_who_holds_it() throws Exception {
        Ledger ledger = new Ledger(server, "again_held").withRows(500);
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        CompletableFuture<RunResult> first =
                CompletableFuture.supplyAsync(() -> ledger.run(new Once(Point.AFTER_LOAD, () -> {
                    held.countDown();
                    await(refused);
                })));
        await(held);
        Engine second = ledger.engine();

        assertThatThrownBy(() -> second.run(second.plan(ledger.backfill()), RunListener.SILENT, new Stop()))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.HELD))
                .hasMessageContaining("pid " + ProcessHandle.current().pid());
        Stop stop = new Stop();
        assertThatThrownBy(() -> second.run(second.plan(ledger.backfill()), event -> stop.request("by Ctrl-C"), stop))
                .as("whoever waits for it may stop")
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.STOPPED))
                .hasMessageContaining("by Ctrl-C");
        refused.countDown();
        assertThat(first.get().outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    @Test
    void when_capture_lapsed_between_two_runs_done_partitions_are_looked_through_whole() {
        Ledger ledger = new Ledger(server, "again_lapsed").withRows(500);
        stoppedAfterTheFirstSwap(ledger);
        server.execute(
                ledger.database,
                "SELECT setval('neap.alive_until_1', 1)",
                "UPDATE ledger SET day = '2026-01-03' WHERE day = '2026-01-01' AND id % 2 = 0");

        RunResult result = ledger.run(Probe.NONE);

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(result.rowsMended()).isEqualTo(250);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR amount <> id * 100"))
                .isZero();
    }

    @Test
    void a_stop_is_obeyed_between_two_partitions_that_are_settled() {
        Ledger ledger = new Ledger(server, "again_settling").withRows(500);
        Stop stop = new Stop();
        AtomicInteger looked = new AtomicInteger();
        Engine engine = ledger.engine(point -> {
            if (point == Point.BEFORE_SETTLE && looked.incrementAndGet() == 2) {
                stop.request("while it settles");
            }
        });

        RunResult stopped = engine.run(engine.plan(ledger.backfill()), RunListener.SILENT, stop);

        assertThat(stopped.outcome()).isEqualTo(RunResult.Outcome.STOPPED);
        assertThat(looked).hasValue(2);
        assertThat(ledger.run(Probe.NONE).outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM neap.unit WHERE run_id = 1 AND NOT settled"))
                .isZero();
    }

    @Test
    void a_unit_that_never_settled_is_not_skipped_after_its_run_was_given_up() {
        Ledger ledger = new Ledger(server, "again_given_up").withRows(500);
        stoppedAfterTheFirstSwap(ledger);
        server.execute(ledger.database, "UPDATE ledger SET day = '2026-01-03' WHERE day = '2026-01-01' AND id = 3");
        ledger.engine().abandon("fix-amount");
        ledger.engine().cleanup();

        RunResult result = ledger.run(Probe.NONE);

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR amount <> id * 100"))
                .isZero();
    }

    @Test
    void a_stop_that_nobody_was_there_to_obey_does_not_stop_the_next_run() {
        Ledger ledger = new Ledger(server, "again_stop").withRows(500);
        stoppedAfterTheFirstSwap(ledger);
        ledger.engine().wish("fix-amount", dev.neap.control.Wish.STOP);

        assertThat(ledger.run(Probe.NONE).outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
