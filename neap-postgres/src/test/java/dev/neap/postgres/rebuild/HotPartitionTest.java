package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A partition that is written faster than capture keeps up with: it is left as it is, and the others are done. */
class HotPartitionTest {
    @Test
    void a_unit_too_hot_to_follow_is_set_aside_the_others_are_done_and_the_same_command_finishes_later()
            throws Exception {
        PostgresServer server = PostgresServer.newest();
        String database = "hot_partition";
        Ledger ledger = new Ledger(server, database).withRows(1_000);
        RunResult hot;
        try (Connection c = server.connect(database);
                Statement s = c.createStatement()) {
            hot = ledger.run(Ledger.FORGETFUL, point -> {
                if (point == Point.AFTER_LOAD_BATCH) {
                    rewriteMoreThanCaptureKeeps(s);
                }
            });
        }

        assertThat(hot.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.TOO_BUSY);
        assertThat(hot.done()).as("two days and the DEFAULT partition").isEqualTo(3);
        assertThat(hot.causes())
                .singleElement()
                .asString()
                .contains("public.ledger_3")
                .contains("went back to its beginning 5 times")
                .contains("more than 200 changes were captured")
                .contains("the same command tries it again");
        assertThat(ledger.number("SELECT count(*) FROM ledger_3 WHERE form = 1"))
                .as("left as it was")
                .isEqualTo(1_000);
        assertThat(ledger.number("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'ledger_3'::regclass"
                        + " AND tgname LIKE 'neap%'"))
                .as("capture costs the application nothing any more")
                .isZero();

        RunResult later = ledger.run(Probe.NONE);

        assertThat(later.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR amount <> id * 100"))
                .isZero();
    }

    /** What capture had recorded before is worth nothing then, and may be much. */
    @Test
    void a_unit_that_had_too_many_changes_once_starts_over_once_and_holds_writers_off_for_none_of_them() {
        PostgresServer server = PostgresServer.newest();
        String database = "hot_once";
        Ledger ledger = new Ledger(server, database).withRows(1_000);
        server.execute(database, "CREATE TABLE held_off (seq bigint)", """
                CREATE FUNCTION held_off() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO held_off SELECT OLD.seq FROM pg_locks WHERE pid = pg_backend_pid()
                        AND relation = 'ledger_3'::regclass AND mode = 'ShareRowExclusiveLock';
                    RETURN NULL;
                END $$
                """);
        Once rewritten = new Once(
                Point.AFTER_LOAD_BATCH,
                () -> server.execute(
                        database,
                        "CREATE TRIGGER held_off AFTER DELETE ON neap.changes_1 FOR EACH ROW EXECUTE FUNCTION held_off()",
                        "UPDATE ledger SET note = note || '!' WHERE day = '2026-01-03'"));
        AtomicInteger begun = new AtomicInteger();
        AtomicLong deleted = new AtomicLong(-1);

        RunResult result = ledger.run(Ledger.FORGETFUL, point -> {
            rewritten.at(point);
            if (point == Point.AFTER_CAPTURE && begun.incrementAndGet() == 2) {
                deleted.set(ledger.number("SELECT count(*) FROM held_off"));
            }
        });

        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT restarts FROM neap.unit WHERE id = 1"))
                .as("once")
                .isEqualTo(1);
        assertThat(deleted).as("changes deleted while writers are held off").hasValue(0);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR amount <> id * 100"))
                .isZero();
        assertThat(ledger.number("SELECT count(*) FROM ledger_3 WHERE note LIKE '%!'"))
                .isEqualTo(1_000);
    }

    @Test
    void a_row_that_was_written_again_and_again_is_settled_in_few_rounds() throws Exception {
        PostgresServer server = PostgresServer.newest();
        String database = "hot_row";
        Ledger ledger = new Ledger(server, database).withRows(700);
        AtomicInteger rounds = new AtomicInteger();
        RunResult result;
        try (Connection c = server.connect(database);
                Statement s = c.createStatement()) {
            Once writes = new Once(Point.BEFORE_SETTLE, () -> writeOneRow(s, 20_000));
            result = ledger.run(point -> {
                writes.at(point);
                if (point == Point.SETTLE_BATCH) {
                    rounds.incrementAndGet();
                }
            });
        }

        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR amount <> id * 100"))
                .isZero();
        assertThat(result.rowsMended())
                .as("that row, and those written after it")
                .isEqualTo(701);
        assertThat(rounds).as("rounds of 500 rows, not of 500 changes").hasValueBetween(4, 10);
        assertThat(ledger.number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'neap_capture%'"))
                .isZero();
    }

    /** One row many times, a hundred in a transaction; then each of a day once, more than a round looks at. */
    private static void writeOneRow(Statement s, int times) {
        try {
            s.execute("DO $$ BEGIN FOR i IN 1 .. %d LOOP UPDATE ledger SET form = 1, amount = id".formatted(times / 100)
                    + " WHERE day = '2026-01-01' AND id = 3; FOR j IN 2 .. 100 LOOP"
                    + " UPDATE ledger SET note = 'n' || j WHERE day = '2026-01-01' AND id = 3; END LOOP; COMMIT;"
                    + " END LOOP; END $$");
            s.execute("UPDATE ledger SET form = 1, amount = id WHERE day = '2026-01-02'");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void rewriteMoreThanCaptureKeeps(Statement s) {
        try {
            s.execute("UPDATE ledger SET note = note WHERE day = '2026-01-03' AND id <= 620");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
