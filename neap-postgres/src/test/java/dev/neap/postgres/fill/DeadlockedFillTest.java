package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.control.RunStatus;
import dev.neap.dialect.NeapException;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** An application that locks what a batch locks, in the other order. */
class DeadlockedFillTest {
    private static final String FILL = "fill: { into: items, set: { twice: price * 2 } }\n";

    private static final String DEADLOCKS =
            "SELECT coalesce((SELECT times FROM neap.retry WHERE cause = 'deadlock'), 0)";

    /** At its end a transaction of Neap's writes a row of another table, which the application has locked before. */
    private static FillDatabase items() throws SQLException {
        FillDatabase db = FillDatabase.create();
        db.execute(
                """
                DO $$ BEGIN
                    EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = 50', current_database());
                END $$
                """,
                "CREATE TABLE items (id int PRIMARY KEY, price int, twice int)",
                "INSERT INTO items SELECT n, n FROM generate_series(1, 100) n",
                "CREATE TABLE total (id int PRIMARY KEY, writes int)",
                "INSERT INTO total VALUES (1, 0)",
                """
                CREATE FUNCTION count_writes() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    UPDATE total SET writes = writes + 1 WHERE id = 1;
                    RETURN NULL;
                END $$
                """,
                """
                CREATE CONSTRAINT TRIGGER count_writes AFTER UPDATE ON items DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                WHEN (NEW.id = 1 AND current_setting('application_name') LIKE 'neap run %') EXECUTE FUNCTION count_writes()
                """);
        return db;
    }

    /** Has as many batches as wanted end as the victim of a deadlock. */
    private static Probe deadlocks(FillDatabase db, int wanted) {
        return at -> {
            try {
                if (at == Point.BEFORE_FILL_COMMIT && db.number(DEADLOCKS) < wanted) {
                    waitForTheBatch(db);
                }
            } catch (SQLException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    /** Returns when the application, which holds the row of the other table, waits for one of the batch. */
    private static void waitForTheBatch(FillDatabase db) throws SQLException, InterruptedException {
        Connection application = db.connect();
        int pid;
        try (Statement s = application.createStatement()) {
            application.setAutoCommit(false);
            // It never looks for a deadlock, so that Neap's session is the one that finds it.
            s.execute("SET LOCAL deadlock_timeout = '1h'");
            s.execute("UPDATE total SET writes = writes WHERE id = 1");
        }
        try (Statement s = application.createStatement();
                var answer = s.executeQuery("SELECT pg_backend_pid()")) {
            answer.next();
            pid = answer.getInt(1);
        }
        CompletableFuture<Void> waits = CompletableFuture.runAsync(() -> {
            try (application;
                    Statement s = application.createStatement()) {
                s.execute("UPDATE items SET price = price WHERE id = 1");
                application.commit();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (db.number("SELECT cardinality(pg_blocking_pids(" + pid + "))") == 0) {
            assertThat(waits).as("the application waits for the batch").isNotDone();
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(10);
        }
    }

    @Test
    void a_row_that_somebody_keeps_locked_trips_the_breaker_and_the_next_run_goes_on() throws Exception {
        try (FillDatabase db = items();
                Connection application = db.connect();
                Statement s = application.createStatement()) {
            application.setAutoCommit(false);
            s.execute("SET application_name = 'checkout'");
            s.execute("SELECT FROM items WHERE id = 7 FOR UPDATE");

            assertThatThrownBy(() -> db.run(FILL + "breaker: { lock_timeouts: 3 }\n"))
                    .hasMessageMatching("3 lock timeouts in a row .*: session \\d+ of \\w+ \\(checkout\\), in a"
                            + " transaction for .* the same command goes on")
                    .extracting(e -> ((NeapException) e).kind())
                    .isEqualTo(NeapException.Kind.BREAKER);
            assertThat(db.number("SELECT count(*) FROM neap.event WHERE kind = 'breaker' AND message LIKE '3 lock%'"))
                    .isEqualTo(1);
            application.rollback();
            assertThat(db.run(FILL + "breaker: { lock_timeouts: 3 }\n").outcome())
                    .isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM items WHERE twice = price * 2"))
                    .isEqualTo(100);
        }
    }

    @Test
    void who_has_held_a_row_of_a_batch_for_as_long_as_it_waited_is_named() throws Exception {
        try (FillDatabase db = items();
                Connection application = db.connect();
                Statement s = application.createStatement()) {
            application.setAutoCommit(false);
            s.execute("SET application_name = 'checkout'");
            s.execute("SELECT FROM items WHERE id = 7 FOR UPDATE");
            List<String> waits = Collections.synchronizedList(new ArrayList<>());
            Neap neap = db.neap(Probe.NONE);

            RunResult result = neap.run(
                    neap.plan(db.backfill(FILL)),
                    event -> {
                        if (event instanceof RunEvent.Waiting waiting && waits.isEmpty()) {
                            waits.add(waiting.why());
                            letGo(application);
                        }
                    },
                    new Stop());

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(waits)
                    .singleElement()
                    .asString()
                    .matches(
                            "waits to write a batch: session \\d+ of \\w+ \\(checkout\\), in a transaction for \\d+ s");
        }
    }

    private static void letGo(Connection application) {
        try {
            application.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_deadlock_is_tried_again_counted_and_shown_by_status() throws Exception {
        try (FillDatabase db = items()) {
            RunResult result = db.run(db.backfill(FILL), 1, deadlocks(db, 1));

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(result.retried()).isPositive();
            assertThat(db.number("SELECT count(*) FROM items WHERE twice = price * 2"))
                    .isEqualTo(100);
            RunStatus status = db.neap(Probe.NONE).status("test", 5).orElseThrow();
            assertThat(status.retries()).containsEntry("deadlock", 1L);
        }
    }

    @Test
    void deadlocks_over_the_error_budget_trip_the_breaker_though_each_is_tried_again_and_the_next_run_goes_on()
            throws Exception {
        try (FillDatabase db = items()) {
            Backfill backfill = db.backfill(FILL + "breaker: { error_budget: 0% }\n");

            assertThatThrownBy(() -> db.run(backfill, 1, deadlocks(db, 2)))
                    .isInstanceOfSatisfying(
                            NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.BREAKER))
                    .hasMessageStartingWith("2 deadlocks: more than 0 % of the rows so far; ");
            assertThat(db.text("SELECT message FROM neap.event WHERE kind = 'breaker'"))
                    .startsWith("2 deadlocks: ");

            assertThat(db.run(backfill, 1).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM items WHERE twice = price * 2"))
                    .isEqualTo(100);
        }
    }
}
