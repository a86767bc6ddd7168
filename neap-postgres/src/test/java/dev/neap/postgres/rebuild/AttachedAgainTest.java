package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.control.Wish;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Plan;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A process that has lost its run, or waits for it, meets what became of the run meanwhile. */
class AttachedAgainTest {
    private static final String RUNS = "SELECT count(*) FROM neap.run";

    private final PostgresServer server = PostgresServer.newest();

    /** As if the process that is at the run had been cut off for longer. */
    private void endLease(Ledger ledger) {
        server.execute(ledger.database, "UPDATE neap.worker SET expires_at = clock_timestamp()");
    }

    private static CompletableFuture<RunResult> start(Ledger ledger, Probe probe) {
        return CompletableFuture.supplyAsync(() -> ledger.run(probe));
    }

    private static RunResult end(CompletableFuture<RunResult> run) throws Exception {
        return run.get(30, TimeUnit.SECONDS);
    }

    private static void stoppedAtOnce(Ledger ledger) {
        Stop stop = new Stop();
        Engine engine = ledger.engine(new Once(Point.UNIT_CLAIMED, () -> stop.request("at once")));
        Plan plan = engine.plan(ledger.backfill());
        assertThat(engine.run(plan, RunListener.SILENT, stop).outcome()).isEqualTo(RunResult.Outcome.STOPPED);
    }

    @Test
    void a_run_that_another_process_has_finished_meanwhile_is_done_and_no_new_one_begins() {
        Ledger ledger = new Ledger(server, "attached_finished").withRows(300);

        RunResult result = ledger.run(new Once(Point.UNIT_CLAIMED, () -> {
            endLease(ledger);
            assertThat(ledger.run(Probe.NONE).outcome()).isEqualTo(RunResult.Outcome.DONE);
        }));

        assertThat(ledger.number(RUNS)).isEqualTo(1);
        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(result.runId()).isEqualTo(1);
        assertThat(result.done()).isEqualTo(4);
        assertThat(ledger.number("SELECT count(*) FROM neap.worker WHERE expires_at > clock_timestamp()"))
                .isZero();
    }

    @Test
    void a_run_that_was_given_up_meanwhile_is_not_begun_anew() {
        Ledger ledger = new Ledger(server, "attached_given_up").withRows(300);
        Once givenUp = new Once(Point.UNIT_CLAIMED, () -> {
            endLease(ledger);
            assertThat(ledger.engine().abandon("fix-amount")).isTrue();
        });

        assertThatThrownBy(() -> ledger.run(givenUp))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.STOP))
                .hasMessageContaining("run 1 was given up");
        assertThat(ledger.number(RUNS)).isEqualTo(1);
        assertThat(ledger.text("SELECT state FROM neap.run")).isEqualTo("abandoned");
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2")).isZero();
    }

    @Test
    void a_connection_that_breaks_after_the_end_was_recorded_begins_no_new_run() throws Exception {
        Ledger ledger = new Ledger(server, "attached_end").withRows(300);
        Once cut = new Once(Point.RUN_FINISHING, () -> server.execute(ledger.database, """
                CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF EXISTS (SELECT 1 FROM neap.run WHERE state = 'done') THEN
                        PERFORM pg_terminate_backend(pg_backend_pid());
                    END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER cut BEFORE UPDATE ON neap.worker FOR EACH ROW EXECUTE FUNCTION cut()
                """));

        RunResult result = end(start(ledger, cut));

        assertThat(ledger.number(RUNS)).isEqualTo(1);
        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(result.done()).isEqualTo(4);
    }

    @Test
    void an_undo_that_another_process_has_finished_meanwhile_is_done_and_no_new_one_begins() {
        Ledger ledger = new Ledger(server, "attached_undo").withRows(300);
        ledger.run(Probe.NONE);

        RunResult result = UndoTest.undo(ledger, UndoTest.all(), new Once(Point.UNIT_CLAIMED, () -> {
            endLease(ledger);
            assertThat(UndoTest.undo(ledger, UndoTest.all(), Probe.NONE).outcome())
                    .isEqualTo(RunResult.Outcome.DONE);
        }));

        assertThat(ledger.number(RUNS)).isEqualTo(2);
        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(result.runId()).isEqualTo(2);
    }

    @Test
    void a_paused_run_that_has_lost_its_lease_hears_that_it_may_go_on() throws Exception {
        Ledger ledger = new Ledger(server, "attached_paused").withRows(300);
        CompletableFuture<RunResult> run = start(ledger, paused(ledger));
        ledger.awaitSaid("paused; ");
        endLease(ledger);
        ledger.awaitSaid("attaches again");
        ledger.events.clear();
        ledger.awaitSaid("paused; ");

        ledger.engine().wish("fix-amount", Wish.RUN);

        assertThat(end(run).outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    @Test
    void a_paused_run_that_has_lost_its_lease_hears_that_it_is_to_stop() throws Exception {
        Ledger ledger = new Ledger(server, "attached_stopped").withRows(300);
        CompletableFuture<RunResult> run = start(ledger, paused(ledger));
        ledger.awaitSaid("paused; ");
        endLease(ledger);

        ledger.engine().wish("fix-amount", Wish.STOP);

        assertThat(end(run).outcome()).isEqualTo(RunResult.Outcome.STOPPED);
    }

    private static Probe paused(Ledger ledger) {
        return new Once(Point.RUN_CREATED, () -> ledger.engine().wish("fix-amount", Wish.PAUSE));
    }

    @Test
    void a_stop_that_is_said_while_a_process_waits_for_a_dead_one_holds_for_it() throws Exception {
        Ledger ledger = new Ledger(server, "attached_wish").withRows(300);
        stoppedAtOnce(ledger);
        server.execute(
                ledger.database,
                "INSERT INTO neap.worker (run_id, owner, expires_at) VALUES (1, 'a dead one', clock_timestamp() + '3 s')");
        CompletableFuture<RunResult> successor = start(ledger, Probe.NONE);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> successor.isDone() || ledger.events.toString().contains("waits for a dead one"));

        ledger.engine().wish("fix-amount", Wish.STOP);

        assertThat(end(successor).outcome()).isEqualTo(RunResult.Outcome.STOPPED);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2")).isZero();
    }
}
