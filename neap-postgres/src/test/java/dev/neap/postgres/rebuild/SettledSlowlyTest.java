package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.postgres.query.Query;
import dev.neap.rebuild.Point;
import dev.neap.run.RunResult;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Stalls;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Rows of a done partition that take long to be mended. */
class SettledSlowlyTest {
    private static final int LATE = 60;
    private static final String LATE_ONES =
            "UPDATE ledger SET form = 1, amount = id WHERE day = '2026-01-03' AND id <= " + 3 * LATE;

    private final PostgresServer server = PostgresServer.newest();

    @Test
    void those_that_come_in_last_are_mended_under_the_lock_for_no_longer_than_its_deadline() throws Exception {
        Ledger ledger = new Ledger(server, "settled_slowly").withRows(500);
        server.execute(
                ledger.database,
                "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN IF NEW.form = 2 AND OLD.form = 1 THEN PERFORM pg_sleep(0.05); END IF; RETURN NEW; END'",
                "CREATE TRIGGER slowly BEFORE UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION slowly()");
        CompletableFuture<Void> wrote = new CompletableFuture<>();
        Once once = new Once(
                Point.BEFORE_SETTLE,
                () -> new Thread(() -> {
                            try {
                                writeWhileTheLocksSessionWaits(ledger);
                                wrote.complete(null);
                            } catch (SQLException | InterruptedException | RuntimeException | Error e) {
                                wrote.completeExceptionally(e);
                            }
                        })
                        .start());
        Stalls stalls =
                new Stalls(server, ledger.database, "SELECT count(*) FROM ledger WHERE day = '2026-01-03' AND id < 9");
        RunResult result;
        try (stalls) {
            result = ledger.run(once);
        }

        wrote.get(20, TimeUnit.SECONDS);
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(stalls.longestMs())
                .as("the longest stall of a reader, ms")
                .isLessThan(Ledger.QUICK.lockDeadline().toMillis() + 500);
        assertThat(result.rowsMended()).isEqualTo(LATE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR amount <> id * 100"))
                .isZero();
        assertThat(ledger.number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'neap_capture%'"))
                .isZero();
    }

    /**
     * By then everything was mended that had come in before. It waits for what holds up a VACUUM, too, if that is young.
     */
    private void writeWhileTheLocksSessionWaits(Ledger ledger) throws SQLException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        try (Connection c = server.connect(ledger.database);
                Statement s = c.createStatement()) {
            while (System.nanoTime() < until) {
                s.execute("BEGIN; LOCK TABLE ledger_3 IN SHARE UPDATE EXCLUSIVE MODE");
                for (int i = 0; i < 30; i++) {
                    if (waits(c)) {
                        server.execute(ledger.database, LATE_ONES);
                        s.execute("COMMIT");
                        return;
                    }
                    Thread.sleep(10);
                }
                s.execute("COMMIT");
            }
        }
        throw new IllegalStateException("nobody waited for the lock");
    }

    private static boolean waits(Connection c) throws SQLException {
        return Query.of(
                        c,
                        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'ShareUpdateExclusiveLock'"
                                + " AND relation = 'ledger_3'::regclass)")
                .truth();
    }
}
