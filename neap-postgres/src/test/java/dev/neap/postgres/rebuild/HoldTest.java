package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.Hours;
import dev.neap.backfill.Rebuild;
import dev.neap.control.RunStatus;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.Hand;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/** Everything is prepared and kept caught up, and the swap waits for a person or for its hours. */
class HoldTest {
    private static final Hours NIGHT = Hours.parse("22:00-05:00 Europe/Berlin").orElseThrow();

    private final PostgresServer server = PostgresServer.newest();
    private final Stop stop = new Stop();

    private static Backfill with(Ledger ledger, Cutover cutover) {
        Backfill backfill = ledger.backfill();
        return backfill.with(backfill.rebuild().with(cutover));
    }

    private static Backfill atNight(Ledger ledger, Cutover cutover) {
        Backfill backfill = ledger.backfill();
        Rebuild rebuild = backfill.rebuild().with(cutover).with(NIGHT);
        return backfill.with(rebuild);
    }

    private CompletableFuture<RunResult> start(Ledger ledger, Backfill backfill, Tuning tuning, Probe probe) {
        Neap neap = new Neap(new PostgresDialect(), server.target(ledger.database), tuning, probe);
        Plan plan = neap.plan(backfill);
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        RunListener listener = ledger.events::add;
        return CompletableFuture.supplyAsync(() -> neap.run(plan, listener, stop));
    }

    private static RunResult end(CompletableFuture<RunResult> run)
            throws ExecutionException, InterruptedException, TimeoutException {
        return run.get(60, TimeUnit.SECONDS);
    }

    private static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions();
    }

    private static void awaitHeld(Ledger ledger, int units) {
        soon().untilAsserted(() -> assertThat(ledger.number("SELECT count(*) FROM neap.unit WHERE state = 'held'"))
                .as(ledger.events.toString())
                .isEqualTo(units));
    }

    private static void allRight(Ledger ledger) {
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR amount NOT IN (id * 100, 700)"))
                .isZero();
    }

    @Test
    void units_are_held_and_caught_up_until_a_person_lets_them_go_one_or_all() throws Exception {
        Ledger ledger = new Ledger(server, "hold_swap").withRows(1_000);
        Engine engine = ledger.engine();
        CompletableFuture<RunResult> run = start(ledger, with(ledger, Cutover.HOLD), Ledger.QUICK, Probe.NONE);
        awaitHeld(ledger, 4);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2"))
                .as("nothing is swapped")
                .isZero();

        server.execute(
                ledger.database,
                "UPDATE ledger SET amount = 7 WHERE day = '2026-01-03' AND id = 2",
                "INSERT INTO ledger SELECT '2026-01-02', 100000 + i, 1, 7, 1, 'new' FROM generate_series(1, 40) i");
        soon().until(() -> ledger.number("SELECT sum(changes_behind) FROM neap.unit") >= 40);
        RunStatus status = engine.status("fix-amount", 0).orElseThrow();
        assertThat(status.units().held()).isEqualTo(4);
        assertThat(status.held())
                .extracting(RunStatus.Held::partition)
                .containsExactlyInAnyOrder(
                        "public.ledger_3", "public.ledger_2", "public.ledger_1", "public.ledger_rest");

        assertThatThrownBy(() -> engine.swap("fix-amount", List.of("ledger_2", "ledgr_1")))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("no partition ledgr_1");
        assertThat(engine.swap("fix-amount", List.of("ledger_2"))).hasValue(1);
        soon().until(() -> ledger.number("SELECT count(*) FROM neap.unit WHERE state = 'done'") == 1);
        assertThat(ledger.number("SELECT count(*) FROM ledger_2 WHERE form = 2"))
                .isEqualTo(1_040);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2")).isEqualTo(1_040);
        assertThat(engine.swap("fix-amount", List.of())).hasValue(3);

        RunResult result = end(run);
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(result.changesReplayed()).as("while they were held, too").isEqualTo(41);
        allRight(ledger);
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(3_040);
    }

    @Test
    void a_run_that_was_stopped_while_it_held_keeps_its_shadows_and_catches_up() throws Exception {
        Ledger ledger = new Ledger(server, "hold_again").withRows(1_000);
        CompletableFuture<RunResult> run = start(ledger, with(ledger, Cutover.HOLD), Ledger.QUICK, Probe.NONE);
        awaitHeld(ledger, 4);
        long shadows = ledger.number("SELECT sum(shadow_oid::bigint) FROM neap.unit");
        Stop second = new Stop();
        stop.request("the test says so");
        assertThat(end(run).outcome()).isEqualTo(RunResult.Outcome.STOPPED);
        server.execute(ledger.database, "UPDATE ledger SET amount = 7 WHERE id % 10 = 0");

        ledger.engine().swap("fix-amount", List.of());
        RunResult result =
                ledger.engine().run(ledger.engine().plan(with(ledger, Cutover.HOLD)), ledger.events::add, second);

        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(result.changesReplayed()).isEqualTo(300);
        assertThat(ledger.number("SELECT sum(shadow_oid::bigint) FROM neap.unit"))
                .as("the very same shadows")
                .isEqualTo(shadows);
        allRight(ledger);
    }

    @Test
    void a_held_unit_whose_shadow_is_void_is_prepared_anew() throws Exception {
        Ledger ledger = new Ledger(server, "hold_void").withRows(1_000);
        CompletableFuture<RunResult> run = start(ledger, with(ledger, Cutover.HOLD), Ledger.QUICK, Probe.NONE);
        awaitHeld(ledger, 4);

        server.execute(ledger.database, "CREATE INDEX late ON ledger_2 (note)");
        soon().until(() -> ledger.number("SELECT max(restarts) FROM neap.unit") == 1);
        awaitHeld(ledger, 4);
        ledger.engine().swap("fix-amount", List.of());

        assertThat(end(run).outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        allRight(ledger);
        assertThat(
                        ledger.number(
                                "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('late') AND indrelid = 'ledger_2'::regclass"))
                .isEqualTo(1);
    }

    @Test
    void a_write_that_is_seen_where_there_should_be_none_sets_a_held_unit_aside() throws Exception {
        Ledger ledger = new Ledger(server, "hold_none").withRows(1_000);
        Backfill backfill = with(ledger, Cutover.HOLD);
        Rebuild r = backfill.rebuild();
        Rebuild quiet = new Rebuild(
                        r.table(),
                        r.partitions(),
                        r.set(),
                        r.alreadyRight(),
                        r.applicationWrites(),
                        dev.neap.backfill.LiveWrites.NONE,
                        r.keepOld())
                .with(Cutover.HOLD);
        CompletableFuture<RunResult> run = start(ledger, backfill.with(quiet), Ledger.QUICK, Probe.NONE);
        awaitHeld(ledger, 4);

        server.execute(ledger.database, "UPDATE ledger SET amount = 7 WHERE day = '2026-01-03' AND id = 2");
        soon().until(() -> ledger.number("SELECT count(*) FROM neap.unit WHERE state = 'failed'") == 1);
        ledger.engine().swap("fix-amount", List.of());

        RunResult result = end(run);
        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.FAILED);
        assertThat(result.causes().toString()).contains("ledger_3").contains("`writes: none`");
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2")).isEqualTo(2_000);
    }

    /** Most of the thousand are made up: they have no place in the order, so that none of them is caught up with. */
    @Test
    void a_thousand_units_at_most_are_held_and_further_ones_prepared_as_these_are_swapped() throws Exception {
        Ledger ledger = new Ledger(server, "hold_most").withRows(200);
        CompletableFuture<RunResult> run = start(ledger, with(ledger, Cutover.HOLD), Ledger.QUICK, point -> {
            if (point == Point.RUN_CREATED) {
                server.execute(
                        ledger.database,
                        "INSERT INTO neap.unit (run_id, position, schema_name, partition_name, bound, state, rows_estimated)"
                                + " SELECT id, -i, 'public', 'made up ' || i, '', 'held', 0"
                                + " FROM neap.run, generate_series(1, 998) AS i");
            }
        });
        awaitHeld(ledger, 1_000);
        Awaitility.await()
                .during(Duration.ofSeconds(1))
                .atMost(Duration.ofSeconds(10))
                .until(() -> ledger.number("SELECT count(*) FROM neap.unit WHERE state = 'pending'") == 2);

        ledger.engine().swap("fix-amount", List.of("ledger_3"));
        soon().until(() -> ledger.number("SELECT count(*) FROM neap.unit WHERE state = 'done'") == 1);
        awaitHeld(ledger, 1_000);
        assertThat(ledger.number("SELECT count(*) FROM neap.unit WHERE state = 'pending'"))
                .isEqualTo(1);

        server.execute(ledger.database, "DELETE FROM neap.unit WHERE position < 0");
        awaitHeld(ledger, 3);
        ledger.engine().swap("fix-amount", List.of());
        assertThat(end(run).outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        allRight(ledger);
    }

    @Test
    void held_units_are_let_go_in_their_hours() throws Exception {
        Ledger ledger = new Ledger(server, "hold_hours").withRows(1_000);
        Hand clock = new Hand("2026-01-15T20:59:00Z");
        CompletableFuture<RunResult> run = start(ledger, atNight(ledger, Cutover.HOLD), Ledger.QUICK, clock.probe());
        awaitHeld(ledger, 4);
        soon().until(() -> ledger.events
                .toString()
                .contains("4 units are ready to swap; waits for the hours 22:00-05:00 Europe/Berlin, or `neap swap`"));

        clock.set("2026-01-15T21:00:00Z");

        assertThat(end(run).outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        allRight(ledger);
    }

    @Test
    void a_swap_and_a_merge_wait_for_their_hours_and_are_caught_up_meanwhile() throws Exception {
        for (Cutover cutover : List.of(Cutover.SWAP, Cutover.MERGE)) {
            Ledger ledger =
                    new Ledger(server, "hours_" + cutover.name().toLowerCase(java.util.Locale.ROOT)).withRows(1_000);
            Hand clock = new Hand("2026-01-15T12:00:00Z");
            CompletableFuture<RunResult> run = start(ledger, atNight(ledger, cutover), Ledger.QUICK, clock.probe());
            soon().until(() -> ledger.number(
                            "SELECT count(*) FROM neap.unit WHERE waiting_for LIKE 'waits for the hours 22:00-05:00 Europe/Berlin%'")
                    == 1);
            server.execute(ledger.database, "UPDATE ledger SET amount = 7 WHERE day = '2026-01-03' AND id = 2");
            soon().until(() -> ledger.number("SELECT changes_replayed FROM neap.unit WHERE position = 1") == 1);
            assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2"))
                    .isZero();

            clock.set("2026-01-16T03:59:00Z");

            assertThat(end(run).outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
            allRight(ledger);
        }
    }

    @Test
    void a_person_comes_before_the_hours() throws Exception {
        Ledger ledger = new Ledger(server, "hours_now").withRows(500);
        Hand clock = new Hand("2026-01-15T12:00:00Z");
        CompletableFuture<RunResult> run = start(ledger, atNight(ledger, Cutover.SWAP), Ledger.QUICK, clock.probe());
        soon().until(() -> ledger.number("SELECT count(*) FROM neap.unit WHERE waiting_for LIKE 'waits for%'") == 1);

        ledger.engine().swap("fix-amount", List.of());

        assertThat(end(run).outcome()).isEqualTo(RunResult.Outcome.DONE);
        allRight(ledger);
    }
}
