package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.run.RunResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A fill of another table that is made from more than the walked row, beside an application that never rests. */
class FillReadsTest {
    private static final int ROWS = 30_000;
    private static final int FILMS = 10_000;
    /** Less than the fill's patience with a second write. */
    private static final int SECOND_WRITE_MS = 100;

    private static final String FILL = """
            fill:
              from: ticket
              into: pass
              set: { id: id, length: "(SELECT f.length FROM film f WHERE f.id = ticket.film)", seen: seen }
              reads: film
            """;

    private final AtomicBoolean over = new AtomicBoolean();

    /** Each application writes its own rows, first where they come from, then, in another transaction, what is made of them. */
    @Test
    void comes_to_its_end_though_both_tables_that_it_reads_are_written_all_the_time() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE film (id int PRIMARY KEY, length int NOT NULL)",
                    "CREATE TABLE ticket (id int PRIMARY KEY, film int NOT NULL, seen int NOT NULL DEFAULT 0)",
                    "CREATE TABLE pass (id int PRIMARY KEY, length int, seen int)",
                    "INSERT INTO film SELECT n, n FROM generate_series(0, " + (FILMS - 1) + ") n",
                    "INSERT INTO ticket SELECT n, n % " + FILMS + " FROM generate_series(1, " + ROWS + ") n");
            Writes tickets = random -> {
                int id = 1 + random.nextInt(ROWS);
                return new String[] {
                    "UPDATE ticket SET seen = seen + 1 WHERE id = " + id,
                    "UPDATE pass SET seen = (SELECT seen FROM ticket WHERE id = " + id + ") WHERE id = " + id
                };
            };
            Writes films = random -> {
                int id = random.nextInt(FILMS);
                return new String[] {
                    "UPDATE film SET length = length + 1 WHERE id = " + id,
                    "UPDATE pass SET length = (SELECT length FROM film WHERE id = " + id
                            + ") WHERE id IN (SELECT id FROM ticket WHERE film = " + id + ")"
                };
            };

            CompletableFuture<?> all = CompletableFuture.allOf(IntStream.range(0, 8)
                    .mapToObj(n -> application(db, n, n % 2 == 0 ? tickets : films))
                    .toArray(CompletableFuture[]::new));

            RunResult result;
            try {
                result = db.run(db.backfill(FILL), 1);
            } finally {
                over.set(true);
                all.join();
            }

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM ticket t JOIN film f ON f.id = t.film LEFT JOIN pass p ON p.id ="
                            + " t.id WHERE (p.length, p.seen) IS DISTINCT FROM (f.length, t.seen)"))
                    .isZero();
        }
    }

    private interface Writes {
        String[] of(SplittableRandom random);
    }

    private CompletableFuture<Void> application(FillDatabase db, int seed, Writes writes) {
        return CompletableFuture.runAsync(() -> {
            SplittableRandom random = new SplittableRandom(seed);
            try (Connection connection = db.connect();
                    Statement s = connection.createStatement()) {
                while (!over.get()) {
                    for (String sql : writes.of(random)) {
                        s.execute(sql);
                        Thread.sleep(SECOND_WRITE_MS);
                    }
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
