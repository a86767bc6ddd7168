package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.NeapException;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A shadow that somebody tampered with is not swapped in. */
class VerifyTest {
    private final PostgresServer server = PostgresServer.newest();

    private void refuses(String database, String tamper, String difference) {
        Ledger ledger = new Ledger(server, database).withRows(500);
        Once once = new Once(
                Point.BEFORE_VERIFY, () -> server.execute(database, tamper.replace("SHADOW", "neap_work_1.ledger_3")));

        RunResult result = ledger.run(once);

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.MISMATCH);
        assertThat(result.causes().toString()).contains("public.ledger_3").contains(difference);
        assertThat(ledger.number("SELECT count(*) FROM ledger_3 WHERE form = 1"))
                .as("unchanged")
                .isEqualTo(500);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2"))
                .as("the others went on")
                .isEqualTo(1_000);
    }

    /** Rows of every shadow are gone when it is verified. */
    private void tamper(String database) {
        server.execute(database, """
                DO $$ DECLARE shadow regclass; BEGIN
                    FOR shadow IN SELECT oid FROM pg_class
                                  WHERE relnamespace = 'neap_work_1'::regnamespace AND relkind = 'r' AND relname ~ '^ledger_[0-9]+$'
                    LOOP EXECUTE format('DELETE FROM %s WHERE id %% 10 = 0', shadow); END LOOP;
                END $$
                """);
    }

    @Test
    void one_partition_with_many_wrong_rows_is_set_aside_and_a_second_one_trips_the_breaker() {
        Ledger ledger = new Ledger(server, "verify_breaker").withRows(500);

        assertThatThrownBy(() -> ledger.run(at -> {
                    if (at == Point.BEFORE_VERIFY) {
                        tamper("verify_breaker");
                    }
                }))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.BREAKER))
                .hasMessageContaining(" wrong rows of 2 partitions: more than 0.01 % of the rows so far");
        assertThat(ledger.number("SELECT count(*) FROM neap.unit WHERE state = 'failed'"))
                .isEqualTo(2);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 1"))
                .as("nothing was swapped")
                .isEqualTo(ledger.number("SELECT count(*) FROM ledger"));
    }

    @Test
    void a_missing_row() {
        refuses("verify_missing", "DELETE FROM SHADOW WHERE id = 2", "1 rows of the live partition are missing");
    }

    @Test
    void a_row_too_many() {
        refuses(
                "verify_extra",
                "INSERT INTO SHADOW VALUES ('2026-01-03', 77777, 1, 1, 2, 'x')",
                "1 rows of the shadow are not in the live partition");
    }

    @Test
    void a_column_that_was_not_meant_to_change() {
        refuses(
                "verify_kept",
                "UPDATE SHADOW SET note = NULL WHERE id IN (2, 5)",
                "2 rows differ in a column that was not");
    }

    @Test
    void a_recomputed_column() {
        refuses(
                "verify_made",
                "UPDATE SHADOW SET amount = amount + 0.01 WHERE id = 2",
                "1 rows differ in a recomputed");
    }

    @Test
    void an_assertion_of_the_users_own() {
        Ledger ledger = new Ledger(server, "verify_assertion").withRows(500);
        Engine engine = ledger.engine(Probe.NONE);

        RunResult result = engine.run(
                engine.plan(ledger.backfill(Map.of(
                        "small",
                        "SELECT max(s.amount) < 1000 FROM :shadow s",
                        "same",
                        "SELECT count(*) = 500 FROM :live",
                        "planned as any other",
                        "SELECT current_setting('enable_hashjoin')::boolean"))),
                RunListener.SILENT,
                new Stop());

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.MISMATCH);
        assertThat(result.causes().toString())
                .contains("the assertion 'small' does not hold")
                .doesNotContain("'same'", "'planned");
    }

    private static RunResult run(Ledger ledger, Map<String, String> assertions, Probe probe, Stop stop) {
        Engine engine = ledger.engine(probe);
        return engine.run(engine.plan(ledger.backfill(assertions)), RunListener.SILENT, stop);
    }

    @Test
    void an_assertion_that_somebody_cancelled_is_tried_again_and_fails_no_unit() {
        Ledger ledger = new Ledger(server, "verify_cancelled").withRows(50);
        server.execute(ledger.database, "CREATE TABLE cancelled AS SELECT true AS now", """
                CREATE FUNCTION holds() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                    IF (SELECT now FROM cancelled) THEN RAISE EXCEPTION 'cancelled' USING ERRCODE = '57014'; END IF;
                    RETURN true;
                END $$
                """);
        AtomicInteger verifications = new AtomicInteger();
        Probe probe = at -> {
            if (at == Point.BEFORE_VERIFY && verifications.incrementAndGet() == 2) {
                server.execute(ledger.database, "UPDATE cancelled SET now = false");
            }
        };

        RunResult result = run(ledger, Map.of("holds", "SELECT holds()"), probe, new Stop());

        assertThat(result.outcome()).as("%s", result.causes()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM neap.event WHERE message LIKE 'tried again: %cancelled%'"))
                .isEqualTo(1);
    }

    @Test
    void a_stop_cancels_an_assertion_fails_no_unit_and_says_of_nothing_that_it_was_tried_again() {
        Ledger ledger = new Ledger(server, "verify_stopped").withRows(50);
        Stop stop = new Stop();
        Once once = new Once(
                Point.BEFORE_VERIFY,
                () -> new Thread(() -> {
                            Awaitility.await()
                                    .until(() -> ledger.number(
                                                    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT"
                                                            + " pg_sleep(6%'")
                                            == 1);
                            stop.request("stopped by Ctrl-C");
                        })
                        .start());

        RunResult result = run(ledger, Map.of("slow", "SELECT pg_sleep(60) IS NOT NULL"), once, stop);

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.STOPPED);
        assertThat(result.took()).isLessThan(Duration.ofSeconds(30));
        assertThat(ledger.number("SELECT count(*) FROM neap.unit WHERE state = 'failed'"))
                .isZero();
        assertThat(ledger.number("SELECT count(*) FROM neap.event WHERE message LIKE '%tried again%'"))
                .isZero();
    }
}
