package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.RunResult.Outcome;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A unit that a killed process left at work is not done, whatever becomes of the others. Unit 4 is ledger_rest. */
class LeftAtWorkTest {
    private static final String LATE = "INSERT INTO ledger VALUES ('2027-01-01', %d, 1, 5, 1, 'late')";

    private final PostgresServer server = PostgresServer.newest();

    /** Ends a process as a kill does: it says nothing to the control tables any more. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    private static void killedAtTheLastUnit(Ledger ledger) {
        AtomicInteger begun = new AtomicInteger();
        assertThatThrownBy(() -> ledger.run(point -> {
                    if (point == Point.AFTER_CAPTURE && begun.incrementAndGet() == 4) {
                        throw new Killed();
                    }
                }))
                .isInstanceOf(Killed.class);
        assertThat(ledger.text("SELECT state FROM neap.unit WHERE id = 4")).isEqualTo("running");
    }

    private void write(Ledger ledger, int id) {
        server.execute(ledger.database, LATE.formatted(id));
    }

    private static void done(Ledger ledger, RunResult result) {
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2")).isZero();
        assertThat(ledger.number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'neap_capture%'"))
                .isZero();
        assertThat(ledger.text("SELECT to_regclass('neap.alive_until_1')")).isEqualTo("null");
    }

    @Test
    void a_retry_that_has_done_the_failed_units_is_not_the_end_of_the_run_and_writes_go_on() {
        Ledger ledger = new Ledger(server, "left_retry").withRows(500);
        Engine engine = ledger.engine();
        Once broken = new Once(
                Point.AFTER_CAPTURE,
                () -> server.execute(ledger.database, "UPDATE ledger SET amount = 999999999 WHERE id = 2"));
        AtomicInteger begun = new AtomicInteger();
        assertThatThrownBy(() -> ledger.run(point -> {
                    broken.at(point);
                    if (point == Point.AFTER_CAPTURE && begun.incrementAndGet() == 4) {
                        throw new Killed();
                    }
                }))
                .isInstanceOf(Killed.class);
        assertThat(ledger.text("SELECT string_agg(state, ' ' ORDER BY position) FROM neap.unit"))
                .isEqualTo("failed done done running");
        server.execute(ledger.database, "UPDATE ledger SET amount = 9 WHERE id = 2");

        RunResult retried = engine.retry(engine.plan(ledger.backfill()), RunListener.SILENT, new Stop());

        assertThat(retried.outcome()).isEqualTo(Outcome.STOPPED);
        assertThat(retried.pending()).isEqualTo(1);
        assertThat(ledger.text("SELECT message FROM neap.event WHERE kind = 'note'"))
                .isEqualTo("not done yet: 1 unit that a process had at work when it ended");
        write(ledger, 900_001);
        done(ledger, ledger.run(Probe.NONE));
        assertThat(ledger.number("SELECT count(*) FROM neap.run")).isEqualTo(1);
    }

    @Test
    void a_unit_whose_session_outlived_its_process_is_waited_for_and_done() throws Exception {
        Ledger ledger = new Ledger(server, "left_waited").withRows(500);
        killedAtTheLastUnit(ledger);
        try (Connection outlived = outlived(ledger)) {
            CompletableFuture<RunResult> run = CompletableFuture.supplyAsync(() -> ledger.run(Probe.NONE));
            ledger.awaitSaid("waits for session ");
            assertThat(ledger.events.toString())
                    .contains("(neap run 1 unit 4)", "has public.ledger_rest still at work");
            write(ledger, 900_001);
            outlived.rollback();

            done(ledger, run.get());
        }
    }

    @Test
    void a_unit_whose_session_stays_for_longer_than_the_patience_stops_the_run_and_the_same_command_goes_on()
            throws Exception {
        Ledger ledger = new Ledger(server, "left_stopped").withRows(500);
        killedAtTheLastUnit(ledger);
        try (Connection outlived = outlived(ledger)) {
            RunResult stopped = ledger.run(Ledger.IMPATIENT, Probe.NONE);

            assertThat(stopped.outcome()).isEqualTo(Outcome.STOPPED);
            assertThat(ledger.events.toString()).contains("not done yet: session ");
            write(ledger, 900_001);
            outlived.rollback();
        }

        done(ledger, ledger.run(Probe.NONE));
    }

    /** A session that is still at a statement of the last unit. */
    private Connection outlived(Ledger ledger) throws SQLException {
        Connection session = server.connect(ledger.database);
        session.setAutoCommit(false);
        try (Statement s = session.createStatement()) {
            s.execute("SET application_name = 'neap run 1 unit 4'");
            s.execute("SELECT FROM neap.unit WHERE id = 4 FOR UPDATE");
        }
        return session;
    }

    @Test
    void while_a_trigger_of_the_run_is_left_its_writes_do_not_fail_at_the_runs_end() {
        Ledger ledger = new Ledger(server, "left_trigger").withRows(500);
        Once left = new Once(
                Point.RUN_FINISHING,
                () -> server.execute(
                        ledger.database,
                        "CREATE FUNCTION neap.capture_99() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                                + " PERFORM last_value FROM neap.alive_until_1; RETURN NULL; END $$",
                        "CREATE TRIGGER neap_capture_99 AFTER INSERT ON ledger_rest FOR EACH ROW"
                                + " EXECUTE FUNCTION neap.capture_99()"));

        assertThat(ledger.run(left).outcome()).isEqualTo(Outcome.DONE);

        assertThat(left.did()).isTrue();
        write(ledger, 900_001);
    }
}
