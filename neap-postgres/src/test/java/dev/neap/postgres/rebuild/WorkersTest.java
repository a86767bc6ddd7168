package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.run.RunResult.Outcome;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Several units of one run at work at once. */
class WorkersTest {
    private final PostgresServer server = PostgresServer.newest();

    private Ledger ledger(String name) {
        return new Ledger(server, "workers_" + name).withRows(500);
    }

    private static RunResult run(Ledger ledger, Backfill backfill, Probe probe, int workers, Stop stop) {
        Engine engine = ledger.engine(probe);
        Plan plan = engine.plan(backfill);
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        return engine.run(plan, workers, ledger.events::add, stop);
    }

    private static long notRight(Ledger ledger) {
        return ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR amount <> id * 100");
    }

    private List<String> notes(Ledger ledger) {
        return ledger.events.stream()
                .filter(RunEvent.Note.class::isInstance)
                .map(event -> ((RunEvent.Note) event).text())
                .toList();
    }

    @Test
    void three_units_are_at_work_at_once_and_the_default_partition_comes_last_and_alone() {
        Ledger ledger = ledger("at_once");
        CyclicBarrier all = new CyclicBarrier(3);
        AtomicInteger verified = new AtomicInteger();
        Probe meet = point -> {
            if (point == Point.BEFORE_VERIFY && verified.incrementAndGet() <= 3) {
                meet(all);
            }
        };

        RunResult result = run(ledger, ledger.backfill(), meet, 3, new Stop());

        assertThat(result.outcome()).as("%s", ledger.events).isEqualTo(Outcome.DONE);
        assertThat(result.done()).isEqualTo(4);
        assertThat(notRight(ledger)).isZero();
        List<String> started = ledger.events.stream()
                .filter(event -> event instanceof RunEvent.UnitStarted || event instanceof RunEvent.UnitDone)
                .map(event -> event instanceof RunEvent.UnitStarted unit
                        ? unit.partition().name()
                        : "done")
                .toList();
        assertThat(started.subList(0, 3)).doesNotContain("done", "ledger_rest");
        assertThat(started.subList(3, 8)).containsExactly("done", "done", "done", "ledger_rest", "done");
    }

    @Test
    void a_role_that_may_just_what_grants_prints_has_two_units_at_work_at_once() {
        Ledger ledger = ledger("least");
        String role = "workers_least";
        server.execute(
                ledger.database,
                "DROP ROLE IF EXISTS workers_owner",
                "DROP ROLE IF EXISTS " + role,
                "CREATE ROLE workers_owner",
                "CREATE ROLE " + role + " LOGIN",
                "REVOKE ALL ON SCHEMA public FROM PUBLIC",
                "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT relid FROM pg_partition_tree('ledger')"
                        + " UNION SELECT 'account'::regclass LOOP EXECUTE"
                        + " format('ALTER TABLE %s OWNER TO workers_owner', t); END LOOP; END $$");
        server.execute(
                ledger.database,
                ledger.engine().grants(new TableName("public", "ledger"), role).toArray(String[]::new));
        CyclicBarrier both = new CyclicBarrier(2);
        AtomicInteger verified = new AtomicInteger();
        Probe meet = point -> {
            if (point == Point.BEFORE_VERIFY && verified.incrementAndGet() <= 2) {
                meet(both);
            }
        };
        Engine engine = new Neap(new PostgresDialect(), server.target(ledger.database, role), Ledger.QUICK, meet);

        RunResult result = engine.run(engine.plan(ledger.backfill()), 2, ledger.events::add, new Stop());

        assertThat(result.outcome()).as("%s", ledger.events).isEqualTo(Outcome.DONE);
        assertThat(notRight(ledger)).isZero();
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("the units were not at work at once", e);
        }
    }

    /** Its session has a snapshot that is older than the other's shadow, all the time that the index is built. */
    @Test
    void a_swap_does_not_wait_for_another_unit_that_builds_an_index() throws Exception {
        Ledger ledger = ledger("own_session");
        String function = "CREATE OR REPLACE FUNCTION key_of(id bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS"
                + " 'BEGIN %s RETURN id; END'";
        server.execute(
                ledger.database,
                function.formatted(""),
                "CREATE INDEX ON ledger (key_of(id))",
                function.formatted("IF id % 3 = 0 THEN LOOP EXIT WHEN pg_try_advisory_xact_lock_shared(3);"
                        + " PERFORM pg_sleep(0.01); END LOOP; END IF;"));
        CountDownLatch builds = new CountDownLatch(1);
        CountDownLatch swapped = new CountDownLatch(2);
        AtomicInteger shadows = new AtomicInteger();
        Probe probe = point -> {
            if (point == Point.BEFORE_INDEX) {
                builds.countDown();
            } else if (point == Point.AFTER_SWAP) {
                swapped.countDown();
            } else if (point == Point.BEFORE_SHADOW && shadows.getAndIncrement() == 0) {
                await(builds);
                pause(500);
            }
        };

        // The slow one is ledger_1, which is claimed last of the three: the first of two gives it its turn.
        RunResult result;
        try (Connection slow = server.connect(ledger.database);
                Statement s = slow.createStatement()) {
            s.execute("SELECT pg_advisory_lock(3)");
            CompletableFuture<RunResult> run =
                    CompletableFuture.supplyAsync(() -> run(ledger, ledger.backfill(), probe, 3, new Stop()));
            swapped.await(15, TimeUnit.SECONDS);
            s.execute("SELECT pg_advisory_unlock(3)");
            result = run.get(60, TimeUnit.SECONDS);
        }

        assertThat(result.outcome()).isEqualTo(Outcome.DONE);
        assertThat(notRight(ledger)).isZero();
        List<String> ends = ledger.events.stream()
                .filter(event -> event instanceof RunEvent.UnitDone)
                .map(event -> ((RunEvent.UnitDone) event).partition().name())
                .toList();
        assertThat(ends.indexOf("ledger_1")).as("%s", ends).isEqualTo(2);
        assertThat(ledger.events)
                .as("nobody is in the way")
                .noneMatch(event -> event instanceof RunEvent.Waiting waiting
                        && waiting.why().contains("older than the shadow"));
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void expressions_that_may_read_tables_are_computed_one_unit_at_a_time_and_it_is_said_why() {
        Ledger ledger = ledger("reads");
        server.execute(
                ledger.database,
                "CREATE FUNCTION rate() RETURNS numeric LANGUAGE sql STABLE AS 'SELECT 100::numeric'",
                "CREATE FUNCTION sure() RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT 100::numeric'");
        Map<String, String> reasons = Map.of(
                "amount * 100 + (SELECT count(*) FROM account) * 0", "an expression of rebuild.set reads account",
                "amount * 100 + (SELECT count(*) FROM ledger) * 0", "an expression of rebuild.set reads ledger",
                "amount * rate()", "an expression of rebuild.set reads rate(), which is not immutable,",
                "amount * sure()", "",
                "round(amount * 100, 2)", "");
        reasons.forEach((expression, reason) ->
                assertThat(why(ledger, expression)).as(expression).isEqualTo(reason));

        CyclicBarrier never = new CyclicBarrier(2);
        Probe probe = point -> {
            if (point == Point.BEFORE_VERIFY) {
                assertThat(never.getNumberWaiting()).isZero();
            }
        };
        Backfill reading =
                ledger.other("rates", Map.of("amount", "amount * rate()", "form", "2"), "form = 2", Duration.ofDays(7));
        assertThat(run(ledger, reading, probe, 3, new Stop()).outcome()).isEqualTo(Outcome.DONE);
        assertThat(notes(ledger))
                .contains(
                        "one unit at a time, not 3: an expression of rebuild.set reads rate(), which is not immutable,");
        assertThat(notRight(ledger)).isZero();
        assertThat(ledger.text(
                        "SELECT to_regclass('neap.depends') IS NULL AND to_regclass('neap.depends_row') IS NULL"))
                .isEqualTo("t");
    }

    private String why(Ledger ledger, String amount) {
        Backfill backfill = ledger.other("reads", Map.of("amount", amount), "form = 2", Duration.ofDays(7));
        try (dev.neap.dialect.Database database =
                new dev.neap.postgres.PostgresDialect().open(server.target(ledger.database), Ledger.QUICK)) {
            database.install();
            return database.oneAtATime(backfill);
        }
    }

    @Test
    void units_that_fail_are_set_aside_and_past_the_limit_none_is_begun() {
        Ledger ledger = ledger("failures");
        Engine engine = ledger.engine();
        Plan plan = engine.plan(ledger.backfill());
        server.execute(ledger.database, "UPDATE ledger SET amount = 999999999 WHERE id <= 3");

        RunResult result = engine.run(plan, 2, ledger.events::add, new Stop());

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.failed()).isEqualTo(3);
        assertThat(result.pending()).as("the DEFAULT partition is not begun").isEqualTo(1);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 1")).isZero();
    }

    @Test
    void when_one_thread_loses_its_connection_the_others_end_and_the_run_attaches_again() {
        Ledger ledger = ledger("lost");
        CyclicBarrier both = new CyclicBarrier(2);
        AtomicInteger loads = new AtomicInteger();
        Probe probe = point -> {
            int turn = point == Point.AFTER_LOAD ? loads.incrementAndGet() : 0;
            if (turn == 1 || turn == 2) {
                meet(both);
            }
            if (turn == 1) {
                ledger.text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        + " WHERE application_name LIKE 'neap run % unit 1'");
            }
        };

        RunResult result = run(ledger, ledger.backfill(), probe, 2, new Stop());

        assertThat(result.outcome()).as("%s", ledger.events).isEqualTo(Outcome.DONE);
        assertThat(notRight(ledger)).isZero();
        assertThat(notes(ledger)).anyMatch(note -> note.startsWith("attaches again"));
    }

    @Test
    void a_stop_ends_all_at_their_safe_points_and_the_same_call_goes_on() throws Exception {
        Ledger ledger = ledger("stop");
        Stop stop = new Stop();
        CyclicBarrier both = new CyclicBarrier(2);
        AtomicInteger loads = new AtomicInteger();
        Probe probe = point -> {
            if (point == Point.AFTER_LOAD_BATCH && loads.incrementAndGet() <= 2) {
                meet(both);
                stop.request("enough");
            }
        };

        RunResult stopped = CompletableFuture.supplyAsync(() -> run(ledger, ledger.backfill(), probe, 2, stop))
                .get(30, TimeUnit.SECONDS);

        assertThat(stopped.outcome()).isEqualTo(Outcome.STOPPED);
        assertThat(stopped.done()).isZero();
        assertThat(run(ledger, ledger.backfill(), Probe.NONE, 3, new Stop()).outcome())
                .isEqualTo(Outcome.DONE);
        assertThat(notRight(ledger)).isZero();
    }

    @Test
    void an_assertion_never_reads_a_partition_that_is_swapped_meanwhile() {
        Ledger ledger = ledger("assertions");
        server.execute(
                ledger.database,
                "CREATE FUNCTION counted() RETURNS bigint LANGUAGE plpgsql STABLE AS"
                        + " $$ BEGIN PERFORM pg_sleep(2.5) WHERE 1 = (SELECT count(*) FROM neap.unit WHERE step = 'verify');"
                        + " RETURN (SELECT count(*) FROM ledger); END $$");
        Map<String, String> assertions = Map.of("whole", "SELECT counted() = 1500");
        CountDownLatch verifies = new CountDownLatch(1);
        AtomicInteger shadows = new AtomicInteger();
        // The shadow of the second unit is made, loaded and swapped while the first is verified, if that were let
        // happen.
        Probe probe = point -> {
            if (point == Point.BEFORE_VERIFY) {
                verifies.countDown();
            } else if (point == Point.BEFORE_SHADOW && shadows.getAndIncrement() == 1) {
                await(verifies);
                pause(300);
            }
        };

        RunResult result = run(ledger, ledger.backfill(assertions), probe, 2, new Stop());

        assertThat(result.outcome()).as("%s", ledger.events).isEqualTo(Outcome.DONE);
        assertThat(notRight(ledger)).isZero();
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void what_the_others_have_at_work_is_under_the_one_ceiling() {
        Ledger ledger = ledger("pace");
        Backfill slow = ledger.backfill();
        Backfill paced = new Backfill(
                slow.name(),
                slow.profile(),
                slow.rebuild(),
                new dev.neap.backfill.Pace(new dev.neap.backfill.RowsPerSecond(300), Duration.ZERO, Duration.ZERO),
                100,
                3,
                Map.of(),
                List.of());
        long began = System.nanoTime();

        RunResult result = run(ledger, paced, Probe.NONE, 3, new Stop());

        assertThat(result.outcome()).isEqualTo(Outcome.DONE);
        // 1,500 rows at 300 a second; the last batch of each unit is not waited for.
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(3_900));
    }

    @Test
    void another_run_of_the_table_is_still_refused() {
        Ledger ledger = ledger("other_run");
        Stop stop = new Stop();
        run(ledger, ledger.backfill(), point -> stop.request("now"), 2, stop);

        assertThatThrownBy(() -> run(ledger, ledger.otherBackfill(), Probe.NONE, 2, new Stop()))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(Kind.USAGE));
    }
}
