package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.Leftover;
import dev.neap.dialect.NeapException;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A fill of each shape, from the file to the last row, without anybody else. */
class FillTest {
    @Test
    void another_table_is_filled_row_by_row() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE users_legacy (id bigint PRIMARY KEY, full_name text NOT NULL)",
                    "CREATE TABLE users (id bigint PRIMARY KEY, first_name text, last_name text)",
                    "INSERT INTO users_legacy SELECT n * 7 - 40000, 'Ada ' || n FROM generate_series(1, 120000) n",
                    "INSERT INTO users VALUES (-39993, 'kept', 'kept')");
            db.execute("ANALYZE users_legacy");
            RunResult result = db.run("""
                    fill:
                      from: users_legacy
                      into: users
                      set:
                        id: id
                        first_name: split_part(full_name, ' ', 1)
                        last_name: split_part(full_name, ' ', 2)
                    """);

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(result.done()).isEqualTo(2);
            assertThat(db.number("SELECT count(*) FROM users")).isEqualTo(120_000);
            assertThat(db.number("SELECT count(*) FROM users u JOIN users_legacy l USING (id)"
                            + " WHERE u.first_name = 'Ada' AND u.last_name = substr(l.full_name, 5)"))
                    .isEqualTo(119_999);
            assertThat(db.text("SELECT first_name FROM users WHERE id = -39993"))
                    .isEqualTo("kept");
            assertThat(db.leftovers()).isEmpty();
        }
    }

    @Test
    void a_column_is_filled_from_the_row_itself() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE items (a int, b text COLLATE \"en-x-icu\", price numeric, cents bigint, PRIMARY KEY (a, b))",
                    "INSERT INTO items SELECT n % 50, 'k' || n, n / 100.0, CASE WHEN n % 10 = 0 THEN -1 END"
                            + " FROM generate_series(1, 60000) n");
            RunResult result = db.run("""
                    fill:
                      into: items
                      set: { cents: price * 100 }
                    """);

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM items WHERE cents = -1")).isEqualTo(6_000);
            assertThat(db.number("SELECT count(*) FROM items WHERE cents = price * 100"))
                    .isEqualTo(54_000);
        }
    }

    @Test
    void where_few_rows_are_left_to_fill_a_batch_goes_past_many() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE items (id int PRIMARY KEY, price int, cents int)",
                    "INSERT INTO items SELECT n, n, CASE WHEN n % 50 <> 0 THEN -1 END FROM generate_series(1, 60000) n");
            AtomicInteger batches = new AtomicInteger();
            db.run(db.backfill("batch_rows: 500\nfill: { into: items, set: { cents: price * 100 } }\n"), 1, at -> {
                if (at == Point.AFTER_FILL_BATCH) {
                    batches.incrementAndGet();
                }
            });

            assertThat(db.number("SELECT count(*) FROM items WHERE cents = price * 100"))
                    .isEqualTo(1_200);
            assertThat(batches.get())
                    .as("each of at most 500 rows that it writes")
                    .isLessThan(20);
        }
    }

    /** Two hundred and fifty-six of these rows are 64 MB. */
    @Test
    void a_batch_of_wide_rows_is_bounded_in_bytes_though_the_table_was_never_analyzed() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE wide (id int PRIMARY KEY, pad char(900), body text, n int) WITH (autovacuum_enabled = false)",
                    "ALTER TABLE wide ALTER body SET STORAGE EXTERNAL",
                    "INSERT INTO wide SELECT n, '', repeat('x', 256 * 1024) FROM generate_series(1, 300) n");
            AtomicInteger batches = new AtomicInteger();

            db.run(db.backfill("fill: { into: wide, set: { n: length(body) } }"), 1, at -> {
                if (at == Point.AFTER_FILL_BATCH) {
                    batches.incrementAndGet();
                }
            });

            assertThat(batches.get()).isGreaterThan(1);
            assertThat(db.number("SELECT count(*) FROM wide WHERE n = 256 * 1024"))
                    .isEqualTo(300);
        }
    }

    @Test
    void a_column_is_filled_from_other_tables() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE film (id int PRIMARY KEY, days int NOT NULL)",
                    "CREATE TABLE rental (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), film int, kept int, late boolean)",
                    "INSERT INTO film SELECT n, n FROM generate_series(1, 100) n",
                    "INSERT INTO rental (film, kept) SELECT 1 + n % 100, n % 120 FROM generate_series(1, 20000) n");
            RunResult result = db.run("""
                    fill:
                      into: rental
                      set: { late: "kept > (SELECT f.days FROM film f WHERE f.id = rental.film)" }
                      reads: film
                    """);

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM rental r JOIN film f ON f.id = r.film"
                            + " WHERE r.late IS DISTINCT FROM (r.kept > f.days)"))
                    .isZero();
        }
    }

    @Test
    void one_row_becomes_many_or_none() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE post (id int PRIMARY KEY, tags text[], hidden boolean)",
                    "CREATE TABLE post_tag (post_id int, tag text, PRIMARY KEY (post_id, tag))",
                    "INSERT INTO post SELECT n, CASE n % 4 WHEN 0 THEN '{}' ELSE ARRAY['a', 'b' || n] END::text[], n % 5 = 0"
                            + " FROM generate_series(1, 10000) n");
            RunResult result = db.run("""
                    fill:
                      from: post
                      into: post_tag
                      where: NOT hidden
                      set: { post_id: id, tag: unnest(tags) }
                    """);

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM post_tag"))
                    .isEqualTo(db.number("SELECT count(*) FROM post, unnest(tags) WHERE NOT hidden"));
        }
    }

    @Test
    void a_partitioned_table_is_walked_and_a_partitioned_table_is_filled_beside_writes() throws Exception {
        for (PostgresServer server : List.of(PostgresServer.newest(), PostgresServer.oldest())) {
            try (FillDatabase db = FillDatabase.create(server)) {
                for (String table : List.of("s", "t")) {
                    db.execute(
                            "CREATE TABLE " + table + " (id int, day date, v text, note text, PRIMARY KEY (id, day))"
                                    + " PARTITION BY RANGE (day)",
                            "CREATE TABLE " + table + "_1 PARTITION OF " + table
                                    + " FOR VALUES FROM ('2024-01-01') TO ('2024-07-01')",
                            "CREATE TABLE " + table + "_2 PARTITION OF " + table
                                    + " FOR VALUES FROM ('2024-07-01') TO ('2025-01-01')");
                }
                db.execute(
                        "INSERT INTO s SELECT n, date '2024-01-01' + n % 360, 'old' FROM generate_series(1, 2000) n");
                AtomicBoolean once = new AtomicBoolean();
                RunResult result = db.run(
                        db.backfill("fill: { from: s, into: t, set: { id: id, day: day, v: upper(v) } }\n"), 1, at -> {
                            if (at == Point.AFTER_FILL_BATCH && once.compareAndSet(false, true)) {
                                // The target's part met nothing, or was not written at all.
                                execute(db, "UPDATE s SET v = 'new' WHERE id % 3 = 0");
                                execute(db, "DELETE FROM s WHERE id % 7 = 0");
                                execute(db, "UPDATE s SET day = day + 1 WHERE id % 11 = 0 AND day < '2024-12-01'");
                            }
                        });

                assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
                assertThat(db.number(
                                "SELECT count(*) FROM (SELECT id, day, upper(v) FROM s EXCEPT SELECT id, day, v FROM t)"
                                        + " AS missing"))
                        .isZero();
                assertThat(db.number("SELECT count(*) FROM t")).isEqualTo(db.number("SELECT count(*) FROM s"));
            }
        }
    }

    private static void execute(FillDatabase db, String sql) {
        try {
            db.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void what_was_set_aside_is_tried_again_by_the_next_run() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, text text, number int)",
                    "INSERT INTO t SELECT n, CASE WHEN n % 100 = 0 THEN 'poison' ELSE n::text END"
                            + " FROM generate_series(1, 3000) n");
            Backfill backfill = db.backfill("fill: { into: t, set: { number: 'text::int' } }\n");
            assertThatThrownBy(() -> db.run(backfill, 1)).hasMessageContaining("neap.quarantine");

            db.execute("UPDATE t SET text = id::text WHERE text = 'poison' AND id <> 200");

            assertThat(db.run(backfill, 1).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM t WHERE number = id")).isEqualTo(2_999);
            assertThat(db.text("SELECT string_agg(key::text, ' ') FROM neap.quarantine"))
                    .isEqualTo("{200}");
        }
    }

    @Test
    void what_a_dead_run_left_is_cleaned_up() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE s (id int, day date, v int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                    "CREATE TABLE s_1 PARTITION OF s FOR VALUES FROM (' 2024-01-01') TO ('2025-01-01')",
                    "CREATE TABLE t (id int, day date, v int, PRIMARY KEY (id, day))",
                    "INSERT INTO s SELECT n, '2024-05-01', n FROM generate_series(1, 100) n");
            Backfill backfill = db.backfill("fill: { from: s, into: t, set: { id: id, day: day, v: v } }\n");
            Neap neap = db.neap(at -> {
                if (at == Point.AFTER_FILL_BATCH) {
                    throw new IllegalStateException("dies");
                }
            });
            assertThatThrownBy(() -> neap.run(neap.plan(backfill), RunListener.SILENT, new Stop()))
                    .hasMessageContaining("dies");
            assertThat(neap.leftovers()).isNotEmpty().noneMatch(Leftover::due);

            neap.abandon("test");
            neap.cleanup();

            assertThat(neap.leftovers()).isEmpty();
            db.execute("UPDATE s SET v = v + 1", "TRUNCATE s");
        }
    }

    @Test
    void a_row_that_cannot_be_written_is_set_aside_with_its_cause() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, text text, number int)",
                    "INSERT INTO t SELECT n, n::text FROM generate_series(1, 30000) n",
                    "UPDATE t SET text = 'poison' WHERE id = 12345");
            RunResult result = db.run("""
                    fill:
                      into: t
                      set: { number: text::int }
                    """);

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM t WHERE number = id")).isEqualTo(29_999);
            assertThat(db.text("SELECT key::text || ' ' || cause FROM neap.quarantine"))
                    .startsWith("{12345} invalid input syntax for type integer: \"poison\"");
        }
    }

    @Test
    void too_many_rows_that_cannot_be_written_stop_the_run_and_a_larger_budget_lets_it_go_on() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, text text, number int)",
                    "INSERT INTO t SELECT n, CASE WHEN n % 100 = 0 THEN 'poison' ELSE n::text END"
                            + " FROM generate_series(1, 3000) n");
            Backfill backfill = db.backfill("""
                    fill:
                      into: t
                      set: { number: text::int }
                    """);

            assertThatThrownBy(() -> db.run(backfill, 1))
                    .isInstanceOf(NeapException.class)
                    .hasMessageContaining("neap.quarantine");
            assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isEqualTo(11);

            Backfill generous = db.backfill("""
                    fill:
                      into: t
                      set: { number: text::int }
                    breaker: { error_budget: 5% }
                    """);
            assertThat(db.run(generous, 1).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isEqualTo(30);
            assertThat(db.number("SELECT count(*) FROM neap.run"))
                    .as("it went on")
                    .isEqualTo(1);
        }
    }

    @Test
    void several_segments_are_walked_at_once() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE s (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n int)",
                    "CREATE TABLE t (id uuid PRIMARY KEY, n int)",
                    "INSERT INTO s (n) SELECT n FROM generate_series(1, 200000) n");
            RunResult result = db.run(db.backfill("""
                    fill:
                      from: s
                      into: t
                      set: { id: id, n: n }
                    """), 3);

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(result.done()).isEqualTo(4);
            assertThat(db.number("SELECT count(*) FROM t JOIN s USING (id, n)")).isEqualTo(200_000);
        }
    }

    @Test
    void a_sequence_is_moved_past_the_copied_ids() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE s (id bigserial PRIMARY KEY, n int)",
                    "CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, n int)",
                    "INSERT INTO s (n) SELECT n FROM generate_series(1, 1000) n");
            db.run("""
                    fill:
                      from: s
                      into: t
                      set: { id: id, n: n }
                    """);

            db.execute("INSERT INTO t (n) VALUES (0)");
            assertThat(db.number("SELECT id FROM t WHERE n = 0")).isEqualTo(1001);
        }
    }

    @Test
    void what_is_written_while_somebody_has_switched_capture_off_is_found_by_a_look_at_every_row() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE s (id int PRIMARY KEY, n int)",
                    "CREATE TABLE t (id int PRIMARY KEY, n int)",
                    "INSERT INTO s SELECT n, n FROM generate_series(1, 1000) n");
            AtomicBoolean loaded = new AtomicBoolean();
            Backfill backfill = db.backfill("fill: { from: s, into: t, set: { id: id, n: n } }\n");
            RunResult result = db.run(backfill, 1, point -> {
                if (point == Point.BEFORE_LOOK && !loaded.getAndSet(true)) {
                    loadWithoutTriggers(db);
                }
            });

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM s FULL JOIN t USING (id) WHERE s.n IS DISTINCT FROM t.n"))
                    .isZero();
            assertThat(db.number("SELECT count(*) FROM t")).isEqualTo(989);
            assertThat(db.leftovers()).isEmpty();
        }
    }

    /** As pg_restore does with --disable-triggers. */
    private static void loadWithoutTriggers(FillDatabase db) {
        try {
            db.execute(
                    "ALTER TABLE s DISABLE TRIGGER USER",
                    "UPDATE s SET n = -n WHERE id <= 10",
                    "DELETE FROM s WHERE id BETWEEN 500 AND 510",
                    "ALTER TABLE s ENABLE TRIGGER USER");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
