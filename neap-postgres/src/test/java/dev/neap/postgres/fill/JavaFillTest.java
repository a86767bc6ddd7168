package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.NeapException;
import dev.neap.preflight.Finding;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.Jars;
import dev.neap.testkit.PostgresServer;
import dev.neap.verify.Mismatch;
import dev.neap.verify.VerifyRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fill of each shape by a transform in Java, from the jar to the last row. */
class JavaFillTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void jar() throws Exception {
        Jars.write(folder.resolve("t.jar"), Transforms.ALL);
    }

    private static String by(Class<?> transform) {
        return "  transform: { class: " + transform.getName() + ", jar: " + folder.resolve("t.jar") + " }\n";
    }

    @Test
    void another_table_is_filled_row_by_row() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE users_legacy (id bigint PRIMARY KEY, full_name text NOT NULL)",
                    "CREATE TABLE users (id bigint PRIMARY KEY, first_name varchar(20) COLLATE \"C\", last_name text)",
                    "INSERT INTO users_legacy SELECT n * 7 - 40000, E'Ad\\\\a\\t' || n || ' Love\\nlace'"
                            + " FROM generate_series(1, 60000) n",
                    "INSERT INTO users VALUES (-39993, 'kept', 'kept')");
            RunResult result = db.run("fill:\n  from: users_legacy\n  into: users\n" + by(Transforms.Split.class));

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM users u JOIN users_legacy l USING (id) WHERE first_name ="
                            + " split_part(full_name, ' ', 1) AND last_name = split_part(full_name, ' ', 2)"))
                    .isEqualTo(59_999);
            assertThat(db.text("SELECT first_name FROM users WHERE id = -39993"))
                    .isEqualTo("kept");
            assertThat(db.leftovers()).isEmpty();
        }
    }

    @Test
    void the_first_of_two_tables_ends_though_the_application_writes_it() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE users_legacy (id bigint PRIMARY KEY, full_name text NOT NULL)",
                    "CREATE TABLE users (id bigint PRIMARY KEY, first_name text, last_name text)",
                    "CREATE TABLE item (id int PRIMARY KEY, price int)",
                    "CREATE TABLE priced (id int PRIMARY KEY, price int)",
                    "INSERT INTO users_legacy SELECT n, 'Ada ' || n FROM generate_series(1, 300) n",
                    "INSERT INTO item SELECT n, n FROM generate_series(1, 300) n");
            AtomicBoolean once = new AtomicBoolean();
            RunResult result = db.run(
                    db.backfill("fill:\n- from: users_legacy\n  into: users\n" + by(Transforms.Split.class)
                            + "- { from: item, into: priced, set: { id: id, price: price } }\n"),
                    1,
                    at -> {
                        if (at == Point.BEFORE_CAPTURE_ENDS && once.compareAndSet(false, true)) {
                            execute(db, "INSERT INTO users_legacy VALUES (301, 'Grace Hopper')");
                            execute(db, "INSERT INTO users VALUES (301, 'Grace', 'Hopper')");
                        }
                    });

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.text("SELECT string_agg(last_name, ' ' ORDER BY id DESC) FROM users WHERE id > 299"))
                    .isEqualTo("Hopper 300");
            assertThat(db.number("SELECT count(*) FROM priced")).isEqualTo(300);
        }
    }

    @Test
    void columns_of_the_same_table_are_filled() throws Exception {
        try (FillDatabase db = FillDatabase.create(PostgresServer.oldest())) {
            db.execute(
                    "CREATE TABLE item (id int PRIMARY KEY, price int, cents numeric(12, 0))",
                    "INSERT INTO item SELECT n, nullif(n, 7) FROM generate_series(1, 5000) n",
                    "UPDATE item SET cents = 1 WHERE id = 3");
            db.run("fill:\n  into: item\n" + by(Transforms.Cents.class));

            assertThat(db.number("SELECT count(*) FROM item WHERE cents = price * 100"))
                    .isEqualTo(4_998);
            assertThat(db.text(
                            "SELECT string_agg(id || '=' || coalesce(cents, 0), ' ' ORDER BY id) FROM item WHERE cents IS"
                                    + " DISTINCT FROM price * 100"))
                    .isEqualTo("3=1");
        }
    }

    @Test
    void a_verification_wants_an_expectation_in_sql_by_rows_and_by_aggregates() throws Exception {
        String fill = "fill:\n  into: item\n" + by(Transforms.Cents.class);
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE item (id int PRIMARY KEY, price int, cents numeric(12, 0))",
                    "INSERT INTO item SELECT n, n, n * 100 + CASE n WHEN 7 THEN 1 ELSE 0 END FROM generate_series(1, 9) n");
            for (VerifyRequest by : List.of(VerifyRequest.EVERY_ROW, VerifyRequest.AGGREGATES)) {
                assertThatThrownBy(() -> db.verify(fill, by))
                        .hasMessageContaining("Write what is expected of cents as SQL into expect");
                assertThat(db.verify(fill + "  expect: { cents: price * 100 }\n", by)
                                .tables()
                                .get(0)
                                .named())
                        .extracting(Mismatch::key)
                        .containsExactly(List.of("7"));
            }
        }
    }

    @Test
    void what_reads_what_it_writes_is_applied_once() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE account (id int PRIMARY KEY, amount bigint NOT NULL, form int NOT NULL DEFAULT 1)",
                    "INSERT INTO account SELECT n, n FROM generate_series(1, 3000) n");
            String fill = "fill:\n  into: account\n" + by(Transforms.Once.class);
            assertThat(db.plan(fill + "  conflict: overwrite\n").findings())
                    .extracting(Finding::what)
                    .anyMatch(what ->
                            what.endsWith("Transforms$Once, which writes amount reads a column that the fill sets"));
            for (int twice = 0; twice < 2; twice++) {
                db.run(fill + "  already_right: form = 2\n");
            }

            assertThat(db.number("SELECT count(*) FROM account WHERE amount = id * 100 AND form = 2"))
                    .isEqualTo(3_000);
        }
    }

    @Test
    void one_row_becomes_many_or_none() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE post (id int PRIMARY KEY, tags text)",
                    "CREATE TABLE post_tag (post_id int, tag text, PRIMARY KEY (post_id, tag))",
                    "INSERT INTO post SELECT n, CASE n % 3 WHEN 0 THEN 'a,b,c' WHEN 1 THEN 'x' END"
                            + " FROM generate_series(1, 3000) n");
            AtomicBoolean once = new AtomicBoolean();
            RunResult result = db.run(
                    db.backfill("fill:\n  from: post\n  into: post_tag\n" + by(Transforms.Tags.class)), 1, at -> {
                        if (at == Point.AFTER_FILL_BATCH && once.compareAndSet(false, true)) {
                            execute(db, "UPDATE post SET tags = 'b,d' WHERE id = 3");
                            execute(db, "UPDATE post SET tags = NULL WHERE id = 6");
                            execute(db, "DELETE FROM post WHERE id = 9");
                            execute(db, "UPDATE post SET tags = 'y' WHERE id = 2");
                        }
                    });

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.text(
                            "SELECT string_agg(post_id || tag, ' ' ORDER BY post_id, tag) FROM post_tag WHERE post_id <"
                                    + " 11"))
                    .isEqualTo("1x 2y 3b 3d 4x 7x 10x");
            assertThat(db.number("SELECT count(*) FROM post_tag")).isEqualTo(997L * 3 + 2 + 1 + 1000);
        }
    }

    @Test
    void every_type_goes_there_and_back() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            String columns = "%1$s_boolean boolean, %1$s_int smallint, %1$s_long bigint, %1$s_double double precision,"
                    + " %1$s_decimal numeric, %1$s_text jsonb, %1$s_date date, %1$s_timestamp timestamp,"
                    + " %1$s_instant timestamptz, %1$s_uuid uuid, %1$s_bytes bytea";
            db.execute(
                    "CREATE TABLE typed (id int PRIMARY KEY, " + columns.formatted("a") + ", " + columns.formatted("b")
                            + ")",
                    "INSERT INTO typed (id, a_boolean, a_int, a_long, a_double, a_decimal, a_text, a_date, a_timestamp,"
                            + " a_instant, a_uuid, a_bytes) VALUES (1, true, -3, 9223372036854775807, 0.1, 1.50, '{\"a\":"
                            + " \"\\\\\"}', '2024-02-29', '2024-02-29 01:02:03.456789', '2024-02-29 01:02:03.4+05',"
                            + " gen_random_uuid(), '\\x00ff5c'), (2, false, 0, 0, 'NaN', -0.00, 'null', '0044-03-15 BC',"
                            + " 'infinity', '-infinity', gen_random_uuid(), ''), (3, NULL, NULL, NULL, NULL, NULL, '1',"
                            + " 'infinity', '0001-01-01 00:00 BC', '12024-01-01 00:00Z', NULL, NULL)");
            db.run("fill:\n  into: typed\n" + by(Transforms.Types.class));

            assertThat(db.text(
                            "SELECT string_agg(id || ': ' || to_jsonb(typed)::text, ' ') FROM typed WHERE (a_boolean, a_int,"
                                    + " a_long, a_double, a_decimal::text, a_text, a_date, a_timestamp, a_instant, a_uuid, a_bytes)"
                                    + " IS DISTINCT FROM (b_boolean, b_int, b_long, b_double, b_decimal::text, b_text, b_date,"
                                    + " b_timestamp, b_instant, b_uuid, b_bytes)"))
                    .isEqualTo("null");
        }
    }

    @Test
    void each_row_that_a_transform_cannot_do_is_set_aside_with_its_cause() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE s (id int PRIMARY KEY, name text)",
                    "CREATE TABLE t (id int PRIMARY KEY, name varchar(10) NOT NULL)",
                    "INSERT INTO s SELECT n, 'n' || n FROM generate_series(1, 4000) n");
            String[] ways = {"throws", "error", "type", "column", "more", "many", "null", "long"};
            for (int i = 0; i < ways.length; i++) {
                db.execute("UPDATE s SET name = '" + ways[i] + "' WHERE id = " + (i + 1) * 300);
            }
            RunResult result = db.run("fill:\n  from: s\n  into: t\n" + by(Transforms.Naughty.class));

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM t JOIN s USING (id, name)"))
                    .isEqualTo(4_000 - ways.length);
            assertThat(db.text("SELECT string_agg(key[1] || ' ' || replace(cause, 'the transform"
                            + " dev.neap.postgres.fill.Transforms$Naughty failed: ', ''), E'\\n' ORDER BY key[1]::int) FROM"
                            + " neap.quarantine"))
                    .contains("300 IllegalStateException: no such name")
                    .contains("600 StackOverflowError")
                    .contains("900 IllegalArgumentException: the new row has Integer for name, which is TEXT: String")
                    .contains("1200 IllegalArgumentException: the new row has no value for name")
                    .contains("1500 IllegalArgumentException: the new row has [name, nome")
                    .contains("1800 IllegalArgumentException: it returned 2 rows for one, and at most 1")
                    .contains("2100 null value in column \"name\"")
                    .contains("2400 value too long for type character varying(10)");
        }
    }

    @Test
    void a_batch_that_fails_is_halved_until_the_bad_row_stands_alone() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE s (id int PRIMARY KEY, name text)",
                    "CREATE TABLE t (id int PRIMARY KEY, name text)",
                    "INSERT INTO s SELECT n, CASE n WHEN 777 THEN 'throws' ELSE 'n' END FROM generate_series(1, 2000) n");
            db.run("fill:\n  from: s\n  into: t\n" + by(Transforms.Service.class));

            assertThat(db.number("SELECT count(*) FROM t")).isEqualTo(1_999);
            assertThat(db.number("SELECT count(*) FROM t WHERE name = 'n of many'"))
                    .isGreaterThan(1_900);
            assertThat(db.text("SELECT key[1] || cause FROM neap.quarantine"))
                    .isEqualTo(
                            "777the transform dev.neap.postgres.fill.Transforms$Service failed: IOException: the service"
                                    + " says no");
        }
    }

    @Test
    void one_that_hangs_is_left_and_a_stop_is_obeyed_meanwhile() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE item (id int PRIMARY KEY, price int, cents bigint)",
                    "INSERT INTO item SELECT n, n FROM generate_series(1, 100) n",
                    "UPDATE item SET price = -1 WHERE id = 50");
            String fill = "fill:\n  into: item\n" + by(Transforms.Hangs.class);
            Neap patient = db.neap(at -> {});
            Stop stop = new Stop();
            CompletableFuture<RunResult> run = CompletableFuture.supplyAsync(
                    () -> patient.run(patient.plan(db.backfill(fill)), RunListener.SILENT, stop));
            TimeUnit.SECONDS.sleep(2);
            assertThat(run).isNotDone();
            stop.request("the test");
            assertThat(run.get(10, TimeUnit.SECONDS).outcome()).isEqualTo(RunResult.Outcome.STOPPED);

            RunResult result = db.run(db.backfill(fill), Duration.ofMillis(300));
            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(db.number("SELECT count(*) FROM item WHERE cents = price * 100"))
                    .isEqualTo(99);
            assertThat(db.text("SELECT key[1] || cause FROM neap.quarantine")).endsWith("did not return within 300 ms");
        }
    }

    @Test
    void a_schema_that_is_not_the_tables_is_refused_with_the_place_in_the_file() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE users_legacy (id bigint PRIMARY KEY, full_name int NOT NULL)",
                    "CREATE TABLE users (id bigint PRIMARY KEY, first_name text, last_name text)",
                    "CREATE TABLE item (id int PRIMARY KEY, cents int)");
            assertThat(db.plan("fill:\n  into: item\n" + by(Transforms.Cents.class))
                            .findings())
                    .extracting(finding -> finding.what() + "; " + finding.fix())
                    .satisfiesExactly(
                            first -> assertThat(first)
                                    .contains(
                                            ".yaml:5:14: fill.transform: its schema reads price, and public.item has no"
                                                    + " such column; its columns are id, cents"),
                            second -> assertThat(second)
                                    .endsWith(
                                            "its schema writes cents as LONG, and public.item.cents is integer; declare"
                                                    + " it as INT"));
            assertThatThrownBy(() -> db.plan(
                            "fill:\n  from: users_legacy\n  key: id\n  into: item\n" + by(Transforms.Split.class)))
                    .isInstanceOf(NeapException.class)
                    .hasMessageContaining(
                            "its schema writes or carries first_name: public.item has no column first_name");
            db.execute("CREATE TABLE named (full_name text PRIMARY KEY)");
            assertThatThrownBy(() -> db.plan("fill:\n  from: named\n  into: users\n" + by(Transforms.Split.class)))
                    .hasMessageContaining(
                            "its schema does not carry the key column full_name of public.named, so a row that the"
                                    + " application deletes or changes meanwhile could not be found again; add"
                                    + " .carries(\"full_name\", \"full_name\")");
        }
    }

    @Test
    void another_jar_is_another_plan() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE item (id int PRIMARY KEY, price int, cents bigint)",
                    "INSERT INTO item VALUES (1, 1)");
            Path jar = folder.resolve("other.jar");
            String fill = "fill:\n  into: item\n  transform: { class: " + Transforms.Cents.class.getName() + ", jar: "
                    + jar + " }\n";
            Jars.write(jar, Transforms.Cents.class);
            String first = db.plan(fill).hash();
            Files.delete(jar);
            Jars.write(jar, Transforms.Cents.class);
            assertThat(db.plan(fill).hash()).isEqualTo(first);
            Jars.write(jar, Transforms.Cents.class, Transforms.Split.class);

            assertThat(db.plan(fill).hash()).isNotEqualTo(first);
        }
    }

    private static void execute(FillDatabase db, String sql) {
        try {
            db.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
