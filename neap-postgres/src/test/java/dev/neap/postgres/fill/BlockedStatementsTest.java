package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.run.RunResult;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * How long statements of an application wait for the locks of a fill, all of whose rows take 10 ms each. Beside it a session
 * that nobody is in the way of says how late this machine is at that moment: what is late anyhow is no wait for Neap.
 */
class BlockedStatementsTest {
    private static final int ROWS = 600;

    /** What a batch should take in prod, and as long again as it may take to see that somebody waits and to give it up. */
    private static final long MOST_MS = 200 + 250;

    /** A statement waits for the signal's clock, its query, the cancel, the rollback and its own answer; each may be late. */
    private static final int HOPS = 5;

    private static final long ON_TIME_MS = 20;

    /** Less is no wait for a row that takes 10 ms, and for those before it. */
    private static final long BLOCKED_MS = 20;

    /** Something that took from one moment to another, on the clock of {@code System.nanoTime}. */
    private record Span(long beganNanos, long endedNanos) {
        static Span since(long beganNanos) {
            return new Span(beganNanos, System.nanoTime());
        }

        long ms() {
            return TimeUnit.NANOSECONDS.toMillis(endedNanos - beganNanos);
        }

        boolean overlaps(Span other) {
            return beganNanos < other.endedNanos && other.beganNanos < endedNanos;
        }
    }

    /**
     * What was seen of a run.
     *
     * @param statements the application's
     * @param machine those of the session beside it, each of which takes 20 ms
     */
    private record Seen(List<Span> statements, List<Span> machine, RunResult result) {
        long longestMs() {
            return statements.stream().mapToLong(Span::ms).max().orElseThrow();
        }

        /** Of a hundred statements that were blocked 99 waited no longer for Neap. */
        long p99Ms() {
            List<Long> sorted = statements.stream()
                    .map(this::waited)
                    .filter(ms -> ms >= BLOCKED_MS)
                    .sorted()
                    .toList();
            assertThat(sorted).as("statements that were blocked").isNotEmpty();
            return sorted.get((sorted.size() * 99 + 99) / 100 - 1);
        }

        private long waited(Span statement) {
            long late = machine.stream()
                    .filter(statement::overlaps)
                    .mapToLong(span -> span.ms() - ON_TIME_MS)
                    .max()
                    .orElse(0);
            return statement.ms() - HOPS * late;
        }
    }

    private static void empty(FillDatabase db) {
        try {
            db.execute("UPDATE items SET twice = NULL");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * An application updates rows that a slow session of the run has written.
     *
     * @param session how the slow session's name ends
     * @param emptied when somebody empties the column again
     */
    private static Seen run(String profile, String session, Point emptied) throws Exception {
        List<Span> statements = Collections.synchronizedList(new ArrayList<>());
        List<Span> machine = Collections.synchronizedList(new ArrayList<>());
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE items (id int PRIMARY KEY, price int, twice int)",
                    "INSERT INTO items SELECT n, n FROM generate_series(1, " + ROWS + ") n",
                    "VACUUM ANALYZE items",
                    """
                    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN
                        IF current_setting('application_name') LIKE 'neap run %%%s' THEN PERFORM pg_sleep(0.01); END IF;
                        RETURN NEW;
                    END $$
                    """.formatted(session),
                    "CREATE TRIGGER slow BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION slow()");
            RunResult result;
            try (Beside application = new Beside(db, (connection, random) -> {
                        long began = System.nanoTime();
                        Beside.execute(
                                connection, "UPDATE items SET price = price WHERE id = ?", 1 + random.nextInt(ROWS));
                        statements.add(Span.since(began));
                    });
                    Beside machineItself = new Beside(db, (connection, random) -> {
                        long began = System.nanoTime();
                        Beside.execute(connection, "SELECT pg_sleep(" + ON_TIME_MS / 1e3 + ")");
                        machine.add(Span.since(began));
                    })) {
                result = db.run(db.backfill(profile, "fill: { into: items, set: { twice: price * 2 } }\n"), 2, at -> {
                    if (at == emptied) {
                        empty(db);
                    }
                });
                application.end();
                machineItself.end();
            }
            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM items WHERE twice = price * 2"))
                    .isEqualTo(ROWS);
            return new Seen(List.copyOf(statements), List.copyOf(machine), result);
        }
    }

    @Test
    void of_a_hundred_statements_that_meet_a_batch_99_wait_no_longer_than_a_batch_should_take_and_a_quarter_second()
            throws Exception {
        // Of the first batch each row takes 10 ms, 5 s in all.
        Seen heeded = run("prod", "unit %", Point.BEFORE_CAPTURE);
        assertThat(heeded.result().retried())
                .as("the batch that was given up is tried again")
                .isPositive();
        assertThat(heeded.p99Ms()).isLessThanOrEqualTo(MOST_MS);

        Seen unheeded = run("dev", "unit %", Point.BEFORE_CAPTURE);
        assertThat(unheeded.longestMs()).as("where nobody looks").isGreaterThan(2_000);
    }

    @Test
    void a_look_for_missed_rows_is_given_up_too() throws Exception {
        Seen heeded = run("prod", "catches up", Point.BEFORE_LOOK);
        assertThat(heeded.result().retried()).isPositive();
        assertThat(heeded.p99Ms()).isLessThanOrEqualTo(MOST_MS);
    }
}
