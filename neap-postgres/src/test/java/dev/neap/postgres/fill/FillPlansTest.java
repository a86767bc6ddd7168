package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.control.RunStatus;
import dev.neap.dialect.NeapException;
import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.testkit.Jars;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans that turn bad on a real server: mended while the run goes on, or the run stops and says why. */
class FillPlansTest {
    private static final String COPY = """
            fill:
              from: s
              into: t
              set: { id: id, text: text }
            """;

    private static List<String> notes(FillDatabase db) {
        return db.neap(Probe.NONE).status("test", 100).orElseThrow().events().stream()
                .filter(event -> event.kind().equals("note"))
                .map(RunStatus.Line::message)
                .toList();
    }

    /** The planner believes that every row is among the first few keys. */
    private static void oldStatistics(FillDatabase db) throws SQLException {
        db.execute(
                "CREATE TABLE s (id int PRIMARY KEY, text text) WITH (autovacuum_enabled = off)",
                "CREATE TABLE t (id int PRIMARY KEY, text text)",
                "INSERT INTO s SELECT n, repeat('x', 100) FROM generate_series(1, 400) n",
                "ANALYZE s",
                "INSERT INTO s SELECT n, repeat('x', 100) FROM generate_series(401, 90000) n");
    }

    @Test
    void old_statistics_are_made_new_and_the_plan_is_good_again() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            oldStatistics(db);

            assertThat(db.run(COPY).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(notes(db))
                    .anySatisfy(note -> assertThat(note)
                            .contains("the statement 'write' reads all of public.s", "ANALYZE public.s"))
                    .contains("mended: no statement reads a large table whole any more")
                    .noneSatisfy(note -> assertThat(note).contains("enable_seqscan"));
            assertThat(db.number("SELECT reltuples FROM pg_class WHERE relname = 's'"))
                    .isEqualTo(90_000);
            assertThat(db.number("SELECT count(*) FROM t")).isEqualTo(90_000);
        }
    }

    private static void withoutIndexes(FillDatabase db) throws SQLException {
        for (String setting : List.of("indexscan", "indexonlyscan", "bitmapscan")) {
            db.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET enable_" + setting
                    + " = off', current_database()); END $$");
        }
    }

    @Test
    void so_it_is_around_a_transform_in_java(@TempDir Path folder) throws Exception {
        Jars.write(folder.resolve("t.jar"), Transforms.ALL);
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE people (id int PRIMARY KEY, full_name text)",
                    "CREATE TABLE names (id int PRIMARY KEY, first_name text, last_name text)",
                    "INSERT INTO people SELECT n, repeat('x', 100) FROM generate_series(1, 60000) n",
                    "ANALYZE people");
            withoutIndexes(db);

            assertThat(db.run("fill:\n  from: people\n  into: names\n  transform: { class: "
                                    + Transforms.Split.class.getName() + ", jar: " + folder.resolve("t.jar") + " }\n")
                            .outcome())
                    .isEqualTo(RunResult.Outcome.DONE);
            assertThat(notes(db))
                    .anySatisfy(note -> assertThat(note).contains("reads all of public.people", "enable_seqscan = off"))
                    .contains("mended: no statement reads a large table whole any more");
            assertThat(db.number("SELECT count(*) FROM names")).isEqualTo(60_000);
        }
    }

    @Test
    void what_follows_the_applications_changes_is_watched_too() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE film (id int PRIMARY KEY, code text NOT NULL, days int NOT NULL, about text)",
                    "INSERT INTO film SELECT n, 'c' || n, n, repeat('x', 20) FROM generate_series(1, 25000) n",
                    "CREATE INDEX film_code ON film (code)",
                    "CREATE TABLE rental (id int PRIMARY KEY, code text, kept int)",
                    "INSERT INTO rental SELECT n, 'c' || n, n % 120 FROM generate_series(1, 5000) n",
                    "CREATE TABLE late (id int PRIMARY KEY, days int)",
                    "ANALYZE");
            Backfill late = db.backfill("""
                    fill:
                      from: rental
                      into: late
                      set: { id: id, days: "kept - (SELECT f.days FROM film f WHERE f.code = rental.code)" }
                      reads: film
                    """);
            AtomicInteger rounds = new AtomicInteger();
            Probe changing = point -> {
                try {
                    if (point == Point.BEFORE_LOOK) {
                        rounds.set(0);
                        db.execute("UPDATE rental SET kept = kept + 1");
                    } else if (point == Point.AFTER_RECONCILE && rounds.incrementAndGet() == 5) {
                        // Longer than between two looks, so that the next round, which is slow, is followed by one.
                        Thread.sleep(6_000);
                        db.execute("DROP INDEX film_code");
                    }
                } catch (SQLException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            };

            assertThatThrownBy(() -> db.run(late, 1, changing))
                    .isInstanceOfSatisfying(
                            NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.PLAN))
                    .hasMessageContaining("the statement 'reconcile: ")
                    .hasMessageContaining("reads all of public.film")
                    .hasMessageContaining("One over (code) would serve");

            db.execute("CREATE INDEX film_code ON film (code)");
            assertThat(db.run(late, 1).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM late l JOIN rental r USING (id) JOIN film f USING (code)"
                            + " WHERE l.days = r.kept - f.days"))
                    .isEqualTo(5_000);
        }
    }

    @Test
    void where_statistics_are_not_at_fault_the_planner_is_told_to_use_the_index() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            oldStatistics(db);
            db.execute("ANALYZE s");
            withoutIndexes(db);

            assertThat(db.run(COPY).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(notes(db))
                    .anySatisfy(note -> assertThat(note).contains("reads all of public.s", "enable_seqscan = off"))
                    .contains("mended: no statement reads a large table whole any more")
                    .noneSatisfy(note -> assertThat(note).contains("ANALYZE public.s"));
            assertThat(db.number("SELECT count(*) FROM t")).isEqualTo(90_000);
        }
    }

    @Test
    void an_index_that_is_dropped_on_the_way_stops_the_run_with_both_plans_and_it_goes_on_with_a_new_one()
            throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE film (id int PRIMARY KEY, code text NOT NULL, days int NOT NULL, about text)",
                    "INSERT INTO film SELECT n, 'c' || n, n, repeat('x', 20) FROM generate_series(1, 25000) n",
                    "CREATE INDEX film_code ON film (code)",
                    "CREATE TABLE rental (id int PRIMARY KEY, code text, kept int, late boolean)",
                    "INSERT INTO rental SELECT n, 'c' || n, n % 120 FROM generate_series(1, 20000) n",
                    "ANALYZE");
            Backfill late = db.backfill("""
                    fill:
                      into: rental
                      set: { late: "kept > (SELECT f.days FROM film f WHERE f.code = rental.code)" }
                      reads: film
                    """);
            AtomicInteger batches = new AtomicInteger();
            Probe dropping = point -> {
                if (point == Point.AFTER_FILL_BATCH && batches.incrementAndGet() == 5) {
                    try {
                        db.execute("DROP INDEX film_code");
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                }
            };

            assertThatThrownBy(() -> db.run(late, 1, dropping))
                    .isInstanceOfSatisfying(
                            NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.PLAN))
                    .hasMessageContaining("reads all of public.film, for each row")
                    .hasMessageContaining("One over (code) would serve")
                    .hasMessageMatching(
                            "(?s).*before +\\| now\n.*Index Scan using film_code.*\\| .*Seq Scan on film f.*");
            assertThat(notes(db)).anySatisfy(note -> assertThat(note).endsWith("the run stops"));
            long done = db.number("SELECT count(*) FROM rental WHERE late IS NOT NULL");
            assertThat(done).isBetween(1L, 19_999L);

            db.execute("CREATE INDEX film_code ON film (code)");
            assertThat(db.run(late, 1).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM rental WHERE late IS NULL"))
                    .isZero();
        }
    }

    @Test
    void what_reads_a_table_whole_from_the_beginning_was_warned_of_and_goes_on() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE film (id int PRIMARY KEY, days int NOT NULL, about text)",
                    "INSERT INTO film SELECT n, n, repeat('x', 100) FROM generate_series(1, 80000) n",
                    "CREATE TABLE rental (id int PRIMARY KEY, most int)",
                    "INSERT INTO rental SELECT n FROM generate_series(1, 3000) n",
                    "ANALYZE");
            RunResult result = db.run("""
                    fill:
                      into: rental
                      set: { most: (SELECT max(f.days) FROM film f) }
                      reads: film
                    """);

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(notes(db))
                    .anySatisfy(note -> assertThat(note).contains("as it did when the run began, and nothing helps"));
        }
    }
}
