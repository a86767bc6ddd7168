package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.TableName;
import dev.neap.plan.Plan;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.RunResult.Outcome;
import dev.neap.run.Stop;
import dev.neap.testkit.ChildJvm;
import dev.neap.testkit.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/** What may come between the beginning and the end of a run whose rows come from other tables, and after it. */
class RecomputeLifeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final PostgresServer server = PostgresServer.newest();

    private static void done(Revenue revenue, RunResult result) {
        assertThat(result.outcome()).as(revenue.events.toString()).isEqualTo(Outcome.DONE);
        assertThat(revenue.wrong()).isZero();
        assertThat(revenue.captures())
                .as("triggers and what they need are gone")
                .isZero();
    }

    private static ConditionFactory soon() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions();
    }

    /** What was written while no process was there is noticed: the triggers are in the database. */
    @Test
    void killed_at_each_step_it_goes_on_and_no_change_of_a_source_is_missed() throws Exception {
        Revenue revenue = new Revenue(server, "recompute_killed");
        List<String> changes = List.of(
                "AFTER_CAPTURE",
                "UPDATE fx SET rate = 3 WHERE day = '2026-01-02'",
                "AFTER_LOAD",
                "DELETE FROM events WHERE id = 5001",
                "BEFORE_SWAP",
                "UPDATE fx SET rate = 4",
                "AFTER_SWAP",
                "UPDATE raw_2026 SET amount = 9 WHERE day = '2026-01-01' AND id = 8");

        for (int i = 0; i < changes.size(); i += 2) {
            try (ChildJvm child = ChildJvm.start(
                    RecomputeChild.class.getName(),
                    List.of(String.valueOf(server.port()), revenue.database, changes.get(i)),
                    line -> {})) {
                assertThat(child.await("STANDS " + changes.get(i), PATIENCE))
                        .as(child.output())
                        .isTrue();
                assertThat(child.kill()).isEqualTo(ChildJvm.KILLED);
            }
            revenue.execute(changes.get(i + 1));
        }

        done(revenue, revenue.run());
        assertThat(revenue.number("SELECT count(*) FROM events WHERE id >= 5000"))
                .as("one was kept, the other had been deleted")
                .isEqualTo(1);
        assertThat(revenue.number("SELECT count(*) FROM neap.run")).isEqualTo(1);
        assertThat(revenue.number("SELECT max(restarts) FROM neap.unit")).isPositive();
    }

    @Test
    void two_runs_read_one_table_and_each_sees_its_change() throws Exception {
        Revenue revenue = new Revenue(server, "recompute_two_runs");
        revenue.execute(
                "CREATE TABLE others (LIKE events, PRIMARY KEY (day, id)) PARTITION BY RANGE (day)",
                "CREATE TABLE others_1 PARTITION OF others FOR VALUES FROM ('2026-01-01') TO ('2026-01-02')",
                "CREATE TABLE others_2 PARTITION OF others FOR VALUES FROM ('2026-01-02') TO ('2026-01-03')",
                "INSERT INTO others SELECT * FROM events");
        CyclicBarrier both = new CyclicBarrier(2, () -> revenue.execute("UPDATE fx SET rate = 3"));
        CompletableFuture<RunResult> events = start(revenue, revenue.backfill(), meetOnce(both));
        CompletableFuture<RunResult> others = start(revenue, revenue.backfill("fix-others", "others"), meetOnce(both));

        RunResult second = others.get(60, TimeUnit.SECONDS);

        assertThat(second.outcome()).as(revenue.events.toString()).isEqualTo(Outcome.DONE);
        done(revenue, events.get(60, TimeUnit.SECONDS));
        assertThat(revenue.number(
                        "SELECT count(*) FROM (SELECT * FROM events EXCEPT ALL SELECT * FROM others) AS wrong"))
                .isZero();
        assertThat(revenue.text("SELECT string_agg(restarts::text, ' ' ORDER BY run_id, position) FROM neap.unit"))
                .as("the first unit of each run has begun again")
                .isEqualTo("1 0 1 0");
    }

    /** After its first load, with the first unit of the other run. */
    private static Probe meetOnce(CyclicBarrier both) {
        AtomicInteger loads = new AtomicInteger();
        return point -> {
            if (point == Point.AFTER_LOAD && loads.incrementAndGet() == 1) {
                try {
                    both.await(40, TimeUnit.SECONDS);
                } catch (Exception e) {
                    throw new IllegalStateException("the runs were not at work at once", e);
                }
            }
        };
    }

    private static CompletableFuture<RunResult> start(Revenue revenue, Backfill backfill, Probe probe) {
        Engine engine = revenue.engine(probe);
        Plan plan = engine.plan(backfill);
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        return CompletableFuture.supplyAsync(() -> engine.run(plan, revenue.events::add, new Stop()));
    }

    @Test
    void a_held_unit_is_prepared_anew_when_a_source_changes_and_the_swap_has_the_change() throws Exception {
        Revenue revenue = new Revenue(server, "recompute_hold");
        revenue.cutover = Cutover.HOLD;
        CompletableFuture<RunResult> run = start(revenue, revenue.backfill(), Probe.NONE);
        soon().until(() -> revenue.number("SELECT count(*) FROM neap.unit WHERE state = 'held'") == 2);

        revenue.execute("UPDATE fx SET rate = 3 WHERE day = '2026-01-02'");
        soon().until(() -> revenue.number("SELECT min(restarts) FROM neap.unit") == 1);
        soon().until(() -> revenue.number("SELECT count(*) FROM neap.unit WHERE state = 'held'") == 2);
        revenue.execute("UPDATE raw_events SET amount = 5 WHERE id = 7");
        revenue.engine(Probe.NONE).swap("fix-revenue", List.of());

        soon().until(() -> run.isDone()
                || revenue.number("SELECT count(*) FROM neap.unit WHERE state = 'held' AND restarts > 1") > 0);
        if (!run.isDone()) {
            revenue.engine(Probe.NONE).swap("fix-revenue", List.of());
        }
        done(revenue, run.get(60, TimeUnit.SECONDS));
    }

    @Test
    void a_role_that_may_just_what_grants_prints_can_preview_and_run_it() {
        Revenue revenue = new Revenue(server, "recompute_least");
        revenue.execute(
                "DROP ROLE IF EXISTS least_recompute",
                "DROP ROLE IF EXISTS least_events",
                "DROP ROLE IF EXISTS least_sources",
                "CREATE ROLE least_events",
                "CREATE ROLE least_sources",
                "REVOKE ALL ON SCHEMA public FROM PUBLIC",
                "DO $$ DECLARE t record; BEGIN FOR t IN SELECT relid, tree FROM unnest(ARRAY['events', 'raw_events', 'fx'])"
                        + " AS tree, pg_partition_tree(tree::regclass) UNION SELECT 'fx'::regclass, 'fx' LOOP EXECUTE"
                        + " format('ALTER TABLE %s OWNER TO %I', t.relid, CASE t.tree WHEN 'events' THEN 'least_events'"
                        + " ELSE 'least_sources' END); END LOOP; END $$");
        List<String> statements = new ArrayList<>();
        for (String table : List.of("events", "raw_events", "fx")) {
            statements.addAll(revenue.engine(Probe.NONE).grants(new TableName("public", table), "least_recompute"));
        }
        assertThat(statements).noneMatch(statement -> statement.contains("superuser"));
        revenue.execute("CREATE ROLE least_recompute LOGIN");
        revenue.execute(statements.toArray(String[]::new));
        revenue.user = "least_recompute";

        assertThat(revenue.plan().findings().toString()).doesNotContain("ERROR");
        assertThat(revenue.engine(Probe.NONE)
                        .preview(revenue.backfill(), dev.neap.preview.PreviewRequest.bounded())
                        .rows()
                        .changed()
                        .count())
                .isEqualTo(500);
        done(revenue, revenue.run());
    }

    @Test
    void a_key_may_have_another_collation_than_what_is_read() {
        Revenue revenue = new Revenue(server, "recompute_collation");
        revenue.execute(
                "DROP TABLE events",
                "CREATE TABLE events (day date, name text COLLATE \"C\", v int, PRIMARY KEY (day, name)) PARTITION BY RANGE (day)",
                "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-01-02')",
                "INSERT INTO events VALUES ('2026-01-01', 'a', 1), ('2026-01-01', 'kept', 2)",
                "CREATE TABLE named (day date, name text COLLATE \"POSIX\", v int)",
                "INSERT INTO named VALUES ('2026-01-01', 'a', 5)");
        revenue.reads = List.of("named");
        revenue.sql = "SELECT v, name, day FROM named WHERE day >= :lower AND day < :upper";

        RunResult result = revenue.run();

        assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(Outcome.DONE);
        assertThat(revenue.number("SELECT sum(v) FROM events")).isEqualTo(7);
    }

    @Test
    void what_an_abandoned_run_left_on_the_sources_is_taken_off_by_cleanup_under_writes() {
        Revenue revenue = new Revenue(server, "recompute_abandoned");
        Stop stop = new Stop();
        Engine stopping = revenue.engine(point -> {
            if (point == Point.AFTER_LOAD) {
                stop.request("in the middle");
            }
        });
        RunResult result = stopping.run(stopping.plan(revenue.backfill()), RunListener.SILENT, stop);
        assertThat(result.outcome()).isEqualTo(Outcome.STOPPED);
        Engine engine = revenue.engine(Probe.NONE);
        assertThat(engine.cleanup()).as("its run is not finished").isEmpty();
        long triggers = revenue.number("SELECT count(*) FROM pg_trigger WHERE tgname ~ '^neap_source'");

        assertThat(engine.abandon("fix-revenue")).isTrue();
        revenue.execute("UPDATE fx SET rate = 3");
        engine.cleanup();

        assertThat(triggers)
                .as("two on each of three tables, one on their parent")
                .isEqualTo(7);
        assertThat(revenue.captures()).isZero();
        revenue.execute("UPDATE fx SET rate = 2", "TRUNCATE raw_events");
        engine.uninstall(true);
        assertThat(revenue.number("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^neap'"))
                .isZero();
        assertThat(revenue.number("SELECT count(*) FROM events WHERE revenue = 0"))
                .isEqualTo(1_000);
    }
}
