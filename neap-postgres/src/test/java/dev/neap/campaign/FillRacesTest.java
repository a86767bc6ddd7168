package dev.neap.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.fill.FillHistory;
import dev.neap.testkit.fill.HistoryTransforms;
import dev.neap.testkit.fill.TwoWrites;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Races of a fill with an application that writes in two places, each at the very moment that it needs. */
class FillRacesTest {
    private static final String DATABASE = "fill_races";
    private static final PostgresServer SERVER = PostgresServer.newest();
    private static final String PEOPLE = """
            fill:
              from: public.person
              into: public.customer
              key: [id]
              set: { id: id, name: name }
            """;
    /** Less than the fill's patience with a second write. */
    private static final Duration SECOND_WRITE = Duration.ofMillis(800);

    @BeforeEach
    void twoTables() {
        SERVER.createDatabase(DATABASE);
        SERVER.execute(
                DATABASE,
                "CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL)",
                "CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, remark text)",
                "INSERT INTO person SELECT g, 'one' FROM generate_series(1, 100) g");
    }

    @Test
    void a_row_whose_second_write_is_under_way_when_capture_begins_is_left_to_the_application() throws Exception {
        TwoWrites.inTime(writes -> {
            twoTables();
            app("INSERT INTO person VALUES (50000, 'app')", "DELETE FROM person WHERE id > 90 AND id < 50000");
            List<CompletableFuture<RunResult>> run = new ArrayList<>();
            CompletableFuture<?> second = writes.apart(
                    () -> run.add(run(at -> {})),
                    SECOND_WRITE,
                    () -> app("INSERT INTO customer VALUES (50000, 'app')"));

            assertThat(run.get(0).get(1, TimeUnit.MINUTES).outcome()).isEqualTo(RunResult.Outcome.DONE);
            second.get(1, TimeUnit.MINUTES);
        });
    }

    @Test
    void a_row_that_the_application_remarks_on_before_it_is_reconciled_is_reconciled_all_the_same() throws Exception {
        AtomicBoolean once = new AtomicBoolean();
        CompletableFuture<RunResult> run = run(at -> {
            if (at == Point.AFTER_CAPTURE) {
                // The target first: there is no row yet.
                app("UPDATE customer SET name = 'two' WHERE id = 7");
            } else if (at == Point.AFTER_FILL_BATCH && once.compareAndSet(false, true)) {
                app("UPDATE person SET name = 'two' WHERE id = 7", "UPDATE customer SET remark = 'seen' WHERE id = 7");
            }
        });

        assertThat(run.get(1, TimeUnit.MINUTES).outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(text("SELECT name FROM customer WHERE id = 7")).isEqualTo("two");
        assertThat(text("SELECT remark FROM customer WHERE id = 7")).isEqualTo("seen");
    }

    @Test
    void a_key_that_changes_late_with_the_target_written_first_is_not_lost() throws Exception {
        TwoWrites.inTime(writes -> {
            twoTables();
            CompletableFuture<?>[] second = {CompletableFuture.completedFuture(null)};
            CompletableFuture<RunResult> run = run(at -> {
                if (at == Point.AFTER_CAPTURE) {
                    second[0] = writes.apart(
                            () -> app("UPDATE customer SET id = 70000, name = 'two' WHERE id = 7"),
                            SECOND_WRITE,
                            () -> app("UPDATE person SET id = 70000, name = 'two' WHERE id = 7"));
                }
            });

            assertThat(run.get(1, TimeUnit.MINUTES).outcome()).isEqualTo(RunResult.Outcome.DONE);
            second[0].get(1, TimeUnit.MINUTES);
            assertThat(text("SELECT string_agg(id::text, ',') FROM person p WHERE NOT EXISTS (SELECT FROM customer c"
                            + " WHERE c.id = p.id)"))
                    .isEqualTo("null");
            assertThat(text("SELECT count(*) FROM customer WHERE id = 7")).isEqualTo("0");
        });
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"AFTER_FILL", "BEFORE_LOOK", "AFTER_LOOK_PART", "BEFORE_CAPTURE_ENDS"})
    void a_key_that_changes_at_the_end_with_the_source_written_first_fails_no_write_and_is_not_lost(Point last)
            throws Exception {
        TwoWrites.inTime(writes -> {
            twoTables();
            CompletableFuture<?>[] second = {CompletableFuture.completedFuture(null)};
            AtomicBoolean once = new AtomicBoolean();
            CompletableFuture<RunResult> run = run(at -> {
                if (at == last && once.compareAndSet(false, true)) {
                    // A row that is the application's own by now: put there again it would stop the second write.
                    app("UPDATE customer SET remark = 'seen' WHERE id = 7");
                    second[0] = writes.apart(
                            () -> app("UPDATE person SET id = 70000, name = 'two' WHERE id = 7"),
                            SECOND_WRITE,
                            () -> app("UPDATE customer SET id = 70000, name = 'two' WHERE id = 7"));
                }
            });

            assertThat(run.get(1, TimeUnit.MINUTES).outcome()).isEqualTo(RunResult.Outcome.DONE);
            second[0].get(1, TimeUnit.MINUTES);
            assertThat(once).isTrue();
            assertThat(text("SELECT string_agg(id || name || remark, ' ') FROM customer WHERE id IN (7, 70000)"))
                    .isEqualTo("70000twoseen");
            assertThat(text("SELECT count(*) FROM customer")).isEqualTo("100");
        });
    }

    @Test
    void a_row_deleted_in_the_target_before_its_last_batch_and_in_the_source_after_it_stays_deleted() throws Exception {
        TwoWrites.inTime(writes -> {
            twoTables();
            CompletableFuture<?>[] second = {CompletableFuture.completedFuture(null)};
            CompletableFuture<RunResult> run = run(at -> {
                if (at == Point.BEFORE_FILL_COMMIT) {
                    second[0] = writes.apart(
                            () -> app("DELETE FROM customer WHERE id = 7"),
                            SECOND_WRITE,
                            () -> app("DELETE FROM person WHERE id = 7"));
                }
            });

            assertThat(run.get(1, TimeUnit.MINUTES).outcome()).isEqualTo(RunResult.Outcome.DONE);
            second[0].get(1, TimeUnit.MINUTES);
            assertThat(text("SELECT count(*) FROM customer WHERE id = 7")).isEqualTo("0");
            assertThat(text("SELECT count(*) FROM customer")).isEqualTo("99");
        });
    }

    @Test
    void a_row_deleted_in_both_places_while_its_batch_is_under_way_is_not_brought_back_by_it() throws Exception {
        app("INSERT INTO person SELECT g, 'one' FROM generate_series(1001, 120000) g", "ANALYZE person");
        AtomicBoolean once = new AtomicBoolean();
        CompletableFuture<RunResult> run = run(2, PEOPLE + "pace: { rate: 20000 rows/s }\n", at -> {
            if (at == Point.BEFORE_FILL_COMMIT && once.compareAndSet(false, true)) {
                // Some of every batch. The target first: of this batch there is no row that anybody else could see.
                app("DELETE FROM customer WHERE id % 50 = 0", "DELETE FROM person WHERE id % 50 = 0");
                // The other worker goes on, and comes by changes that are ripe; then it may wait for this batch.
                sleep(3 * SECOND_WRITE.toMillis());
            }
        });

        assertThat(run.get(1, TimeUnit.MINUTES).outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(text("SELECT count(*) FROM customer c WHERE NOT EXISTS (SELECT FROM person p WHERE p.id = c.id)"))
                .isEqualTo("0");
    }

    @Test
    void a_row_that_comes_late_is_counted_with_what_is_counted_in_it_meanwhile() throws Exception {
        app("CREATE TABLE visit (person int)", "ALTER TABLE person ADD visits int");
        CompletableFuture<?>[] visit = {CompletableFuture.completedFuture(null)};
        CompletableFuture<RunResult> run = run(1, """
                fill:
                  into: person
                  set: { visits: (SELECT count(*) FROM visit v WHERE v.person = person.id) }
                  reads: visit
                """, at -> {
            if (at == Point.AFTER_FILL) {
                app("INSERT INTO person VALUES (0, 'late')");
            } else if (at == Point.BEFORE_LOOK) {
                // Counted in null, which stays null; it is open while the look comes to this row.
                visit[0] = CompletableFuture.runAsync(() -> {
                    sleep(FillHistory.LEAST_GRACE.toMillis() / 3);
                    app("""
                            DO $$ BEGIN
                                INSERT INTO visit VALUES (0);
                                UPDATE person SET visits = visits + 1 WHERE id = 0;
                                PERFORM pg_sleep(2);
                            END $$
                            """);
                });
            }
        });

        assertThat(run.get(1, TimeUnit.MINUTES).outcome()).isEqualTo(RunResult.Outcome.DONE);
        visit[0].get(1, TimeUnit.MINUTES);
        assertThat(text("SELECT visits FROM person WHERE id = 0")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_end_is_not_put_off_by_second_writes_that_are_always_on_their_way_where_a_row_becomes_several(
            boolean java, @TempDir Path jars) throws Exception {
        app(
                "CREATE TABLE tagged (k int PRIMARY KEY, tags text[] NOT NULL, version bigint NOT NULL)",
                "INSERT INTO tagged SELECT g, '{one,two}', 1 FROM generate_series(1, 100) g",
                "CREATE TABLE tag (k int, tag text, seen_version bigint, written_by text, PRIMARY KEY (k, tag))");
        String made = java
                ? "transform: { class: " + HistoryTransforms.Tags.class.getName() + ", jar: "
                        + HistoryTransforms.jar(jars.resolve("tags.jar")) + " }"
                : "set: { k: k, tag: unnest(tags), seen_version: version }";
        AtomicBoolean over = new AtomicBoolean();
        List<CompletableFuture<?>> clients = new ArrayList<>();
        CompletableFuture<RunResult> run =
                run(1, "fill:\n  from: public.tagged\n  into: public.tag\n  key: [k]\n  " + made + "\n", at -> {
                    for (int i = 0; at == Point.AFTER_CAPTURE && i < 8; i++) {
                        int client = i;
                        clients.add(CompletableFuture.runAsync(() -> tag(client, over)));
                    }
                    if (at == Point.AFTER_FILL) {
                        // The run may have to wait, so that what changed is old when it goes on.
                        sleep(FillHistory.LEAST_GRACE.multipliedBy(6).toMillis());
                    }
                });

        RunResult result = run.get(1, TimeUnit.MINUTES);
        over.set(true);
        for (CompletableFuture<?> client : clients) {
            client.get(1, TimeUnit.MINUTES);
        }
        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(clients).isNotEmpty();
        assertThat(text("SELECT string_agg(k || tag, ',') FROM (SELECT k, unnest(tags) AS tag FROM tagged EXCEPT"
                        + " SELECT k, tag FROM tag) AS missing"))
                .isEqualTo("null");
    }

    @Test
    void a_row_that_is_taken_out_of_the_target_first_at_the_end_is_not_put_back_before_its_second_write()
            throws Exception {
        TwoWrites.inTime(writes -> {
            twoTables();
            AtomicBoolean once = new AtomicBoolean();
            AtomicBoolean back = new AtomicBoolean();
            CompletableFuture<?>[] second = {CompletableFuture.completedFuture(null)};
            CompletableFuture<RunResult> run = run(at -> {
                if (at == Point.BEFORE_CAPTURE_ENDS && once.compareAndSet(false, true)) {
                    long began = System.nanoTime();
                    second[0] = writes.apart(
                            () -> app(
                                    "UPDATE person SET name = 'two' WHERE id = 7", "DELETE FROM customer WHERE id = 7"),
                            Duration.ZERO,
                            () -> {
                                while (System.nanoTime() - began < SECOND_WRITE.toNanos() && !back.get()) {
                                    sleep(50);
                                    back.set(isThere(7));
                                }
                                app("DELETE FROM person WHERE id = 7");
                            });
                }
            });

            assertThat(run.get(1, TimeUnit.MINUTES).outcome()).isEqualTo(RunResult.Outcome.DONE);
            second[0].get(1, TimeUnit.MINUTES);
            assertThat(once).isTrue();
            assertThat(back).as("put back").isFalse();
            assertThat(text("SELECT count(*) FROM customer WHERE id = 7")).isEqualTo("0");
        });
    }

    @Test
    void a_row_that_is_deleted_in_both_places_by_a_snapshot_from_before_it_was_put_in_does_not_stay() throws Exception {
        CountDownLatch walked = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        try (Connection old = SERVER.connect(DATABASE);
                Statement s = old.createStatement()) {
            old.setAutoCommit(false);
            old.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            s.execute("SELECT 1");
            CompletableFuture<RunResult> run = run(at -> {
                if (at == Point.BEFORE_LOOK) {
                    walked.countDown();
                } else if (at == Point.AFTER_CAPTURE_ENDS) {
                    ended.countDown();
                }
            });
            assertThat(walked.await(1, TimeUnit.MINUTES)).isTrue();
            assertThat(ended.await(4, TimeUnit.SECONDS))
                    .as("ended beside a snapshot that does not see what was put in")
                    .isFalse();
            assertThat(s.executeUpdate("DELETE FROM customer WHERE id = 7")).isZero();
            assertThat(s.executeUpdate("DELETE FROM person WHERE id = 7")).isOne();
            old.commit();

            assertThat(run.get(1, TimeUnit.MINUTES).outcome()).isEqualTo(RunResult.Outcome.DONE);
        }
        assertThat(isThere(7)).isFalse();
    }

    /** Adds two tags to one of its own three rows after another, the source first; one that is there would fail it. */
    private static void tag(int client, AtomicBoolean over) {
        for (int i = 0; !over.get(); i++) {
            int k = 1 + client + i / 2 % 3 * 8;
            long began = System.nanoTime();
            app("UPDATE tagged SET tags = tags || '{t" + i + "}' WHERE k = " + k);
            sleep(SECOND_WRITE.toMillis());
            try {
                app("INSERT INTO tag VALUES (" + k + ", 't" + i + "', 1, 'app')");
            } catch (IllegalStateException e) {
                if (!TwoWrites.isLate(began)) {
                    throw e;
                }
            }
        }
    }

    private static CompletableFuture<RunResult> run(Probe probe) {
        return run(1, PEOPLE, probe);
    }

    private static CompletableFuture<RunResult> run(int workers, String fill, Probe probe) {
        String yaml = """
                backfill: races
                profile: dev
                connection: postgresql://postgres@localhost:%d/%s
                """.formatted(SERVER.port(), DATABASE) + fill;
        return CompletableFuture.supplyAsync(() -> {
            try {
                return Fills.run(Fills.neap(SERVER.target(DATABASE), probe), yaml, workers, event -> {});
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    private static void app(String... statements) {
        SERVER.execute(DATABASE, statements);
    }

    private static boolean isThere(int customer) {
        try {
            return !text("SELECT count(*) FROM customer WHERE id = " + customer).equals("0");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(String query) throws SQLException {
        try (Connection connection = SERVER.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
