package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.dialect.Difference.Kind;
import dev.neap.testkit.PostgresServer;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A full verification of each shape of a fill: what is right is proved, and each row that somebody spoiled is named. */
class VerifyFillTest {
    private static final String PERSON = """
            fill:
              from: person_old
              into: person
              set: { id: id, name: "nullif(full_name, '?')", born: born, worth: worth * 2 }
            """;

    /** Between the two writes of an application that is given little of a processor. */
    private static final Duration SECOND_WRITE = Duration.ofSeconds(1);

    private static final String ITEM = "fill: { into: item, set: { cents: price * 100, label: lower(name) } }\n";

    /** Kind, key and columns of each row that differs. */
    private static List<String> differences(VerifyReport report) {
        assertThat(report.tables()).hasSize(1);
        TableReport table = report.tables().get(0);
        assertThat(table.differing()).isEqualTo(table.named().size());
        return table.named().stream()
                .map(m -> (m.kind() + " " + String.join(",", m.key()) + " " + String.join(",", m.columns())).strip())
                .toList();
    }

    private static FillDatabase people(PostgresServer server) throws Exception {
        FillDatabase db = FillDatabase.create(server);
        db.execute(
                "CREATE TABLE person_old (id int PRIMARY KEY, full_name text, born timestamptz, worth numeric(9,2))",
                "CREATE TABLE person (id bigint PRIMARY KEY, name text, born timestamptz, worth numeric)",
                "INSERT INTO person_old SELECT n * 3, CASE n % 7 WHEN 0 THEN '' WHEN 1 THEN '?' ELSE 'Ada ' || n END,"
                        + " timestamptz '1990-01-01 00:00Z' + n * interval '1 hour', n / 3.0"
                        + " FROM generate_series(1, 5000) n",
                "INSERT INTO person SELECT id, nullif(full_name, '?'), born, worth * 2 FROM person_old");
        return db;
    }

    @Test
    void a_right_fill_is_proved_row_by_row() throws Exception {
        try (FillDatabase db = people(PostgresServer.newest())) {
            db.execute("TRUNCATE person");
            db.run(PERSON);

            VerifyReport report = db.verify(PERSON);

            assertThat(report.proved()).isTrue();
            assertThat(differences(report)).isEmpty();
            assertThat(report.tables().get(0).rows().expected()).isEqualTo(5_000);
            assertThat(report.tables().get(0).rows().actual()).isEqualTo(5_000);
        }
    }

    @Test
    void each_row_of_another_table_that_was_spoiled_on_either_side_is_named() throws Exception {
        for (PostgresServer server : List.of(PostgresServer.newest(), PostgresServer.oldest())) {
            try (FillDatabase db = people(server)) {
                db.execute(
                        "UPDATE person SET name = 'Eve' WHERE id = 6",
                        "UPDATE person SET name = NULL WHERE id = 21",
                        "UPDATE person SET name = '' WHERE id = 24",
                        "UPDATE person SET born = born + interval '1 microsecond' WHERE id = 3000",
                        "UPDATE person SET worth = worth + 0.0000001, name = name || ' ' WHERE id = 3003",
                        "DELETE FROM person WHERE id IN (3, 6000, 15000)",
                        "INSERT INTO person SELECT id + 1, name, born, worth FROM person WHERE id = 9000",
                        "INSERT INTO person VALUES (-1, 'early'), (15001, 'late'), (90000000000, 'too large for an int')",
                        "UPDATE person_old SET full_name = 'changed' WHERE id = 9003",
                        "DELETE FROM person_old WHERE id = 9006",
                        "INSERT INTO person_old VALUES (10, 'new')");

                VerifyReport report = db.verify(PERSON);

                assertThat(report.proved()).isFalse();
                assertThat(differences(report))
                        .containsExactlyInAnyOrder(
                                "WRONG 6 name",
                                "WRONG 21 name",
                                "WRONG 24 name",
                                "WRONG 3000 born",
                                "WRONG 3003 name,worth",
                                "MISSING 3",
                                "MISSING 6000",
                                "MISSING 15000",
                                "EXTRA 9001",
                                "EXTRA -1",
                                "EXTRA 15001",
                                "EXTRA 90000000000",
                                "WRONG 9003 name",
                                "EXTRA 9006",
                                "MISSING 10");
            }
        }
    }

    @Test
    void each_value_of_the_same_table_that_was_spoiled_is_named() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE item (a text COLLATE \"en-x-icu\", b int, name text, price numeric, cents bigint,"
                            + " label text, PRIMARY KEY (a, b))",
                    "INSERT INTO item SELECT 'k' || n % 40, n, 'N' || n, n / 100.0 FROM generate_series(1, 4000) n");
            db.run(ITEM);
            assertThat(differences(db.verify(ITEM))).isEmpty();
            db.execute(
                    "UPDATE item SET cents = cents + 1 WHERE b = 5",
                    "UPDATE item SET cents = NULL WHERE b = 6",
                    "UPDATE item SET name = 'renamed', price = 0 WHERE b = 4000");

            assertThat(differences(db.verify(ITEM)))
                    .containsExactlyInAnyOrder("WRONG k5,5 cents", "WRONG k6,6 cents", "WRONG k0,4000 cents,label");
        }
    }

    @Test
    void what_counts_as_the_same_is_not_the_database_s_to_say() throws Exception {
        String fill = "fill: { into: f, set: { b: a, d: c } }\n";
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE f (id int PRIMARY KEY, a float8, b float8, c timestamptz, d timestamptz)",
                    "INSERT INTO f SELECT n, 0.3, 0.3, 'epoch', 'epoch' FROM generate_series(1, 900) n",
                    "UPDATE f SET b = 0.1::float8 + 0.2::float8 WHERE id = 500",
                    "UPDATE f SET d = c + interval '1 microsecond' WHERE id = 501",
                    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET extra_float_digits = -15', current_database());"
                            + " EXECUTE format('ALTER DATABASE %I SET DateStyle = German', current_database());"
                            + " EXECUTE format('ALTER DATABASE %I SET TimeZone = Iran', current_database()); END $$");

            assertThat(differences(db.verify(fill))).containsExactly("WRONG 500 b", "WRONG 501 d");
            assertThat(differences(db.verify(fill, VerifyRequest.AGGREGATES)))
                    .containsExactly("WRONG 500 b", "WRONG 501 d");
        }
    }

    @Test
    void a_row_of_any_length_is_compared_to_its_end_and_apart_from_its_neighbours() throws Exception {
        String fill = "fill: { into: page, set: { copy: body } }\n";
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE page (id int PRIMARY KEY, body text, copy text)",
                    "INSERT INTO page SELECT n, repeat('é', n * 10) FROM generate_series(1, 400) n",
                    "UPDATE page SET body = CASE id WHEN 1 THEN 'a)(b' ELSE 'c' END WHERE id < 3",
                    "UPDATE page SET copy = body");
            assertThat(differences(db.verify(fill))).isEmpty();
            for (int id : List.of(12, 13, 400)) {
                db.execute("UPDATE page SET copy = overlay(body PLACING 'e' FROM length(body)) WHERE id = " + id);
                assertThat(differences(db.verify(fill))).containsExactly("WRONG " + id + " copy");
                db.execute("UPDATE page SET copy = body WHERE id = " + id);
            }
            db.execute("UPDATE page SET copy = CASE id WHEN 1 THEN 'a' ELSE 'b)(c' END WHERE id < 3");

            assertThat(differences(db.verify(fill))).containsExactlyInAnyOrder("WRONG 1 copy", "WRONG 2 copy");
        }
    }

    @Test
    void rows_that_lie_in_another_order_than_that_of_their_key_are_compared_in_one_part() throws Exception {
        String fill = "fill: { from: s, into: t, set: { id: id, v: v } }\n";
        for (PostgresServer server : List.of(PostgresServer.newest(), PostgresServer.oldest())) {
            try (FillDatabase db = FillDatabase.create(server)) {
                db.execute(
                        "CREATE TABLE s (id int PRIMARY KEY, v int)",
                        "CREATE TABLE t (id bigint PRIMARY KEY, v int)",
                        "INSERT INTO s SELECT n, n FROM generate_series(1, 400) n",
                        "INSERT INTO t SELECT id, v FROM s ORDER BY id DESC");

                VerifyReport report = db.verify(fill);

                assertThat(differences(report)).isEmpty();
                assertThat(report.tables().get(0).rows().parts()).isEqualTo(1);
            }
        }
    }

    @Test
    void of_one_row_to_many_each_one_that_is_lost_or_doubled_is_named() throws Exception {
        String fill =
                "fill: { from: post, into: post_tag, where: NOT hidden, set: { post_id: id, tag: unnest(tags) } }\n";
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE post (id int PRIMARY KEY, tags text[], hidden boolean NOT NULL)",
                    "CREATE TABLE post_tag (post_id int, tag text, PRIMARY KEY (post_id, tag))",
                    "INSERT INTO post SELECT n, ARRAY['a', 'b' || n], n % 5 = 0 FROM generate_series(1, 3000) n",
                    "INSERT INTO post_tag SELECT id, unnest(tags) FROM post WHERE NOT hidden");
            assertThat(differences(db.verify(fill))).isEmpty();
            db.execute(
                    "DELETE FROM post_tag WHERE post_id = 7 AND tag = 'a'",
                    "INSERT INTO post_tag VALUES (8, 'a '), (10, 'of a hidden one')");

            assertThat(differences(db.verify(fill))).containsExactlyInAnyOrder("MISSING 7", "EXTRA 8", "EXTRA 10");
        }
    }

    @Test
    void where_the_key_sorts_otherwise_in_the_target_lost_and_changed_rows_are_named_and_the_rest_is_said()
            throws Exception {
        String fill = "fill: { from: s, into: t, set: { id: id, v: upper(v) } }\n";
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE s (id varchar(20) PRIMARY KEY, v text)",
                    "CREATE TABLE t (id text COLLATE \"en-x-icu\" PRIMARY KEY, v text)",
                    "INSERT INTO s SELECT CASE n % 2 WHEN 0 THEN 'a' ELSE 'B' END || n, 'v' FROM generate_series(1, 2000) n",
                    "INSERT INTO t SELECT id, upper(v) FROM s");
            assertThat(differences(db.verify(fill))).isEmpty();
            db.execute("DELETE FROM t WHERE id = 'a10'", "UPDATE t SET v = 'v' WHERE id = 'B11'");

            VerifyReport report = db.verify(fill);

            assertThat(differences(report)).containsExactlyInAnyOrder("MISSING a10", "WRONG B11 v");
            assertThat(report.tables().get(0).notes())
                    .singleElement()
                    .asString()
                    .contains("not looked for: rows of");
        }
    }

    @Test
    void a_part_of_the_key_is_compared_alone() throws Exception {
        String fill = "fill: { from: s, into: t, keys: { from: 100, to: 200 }, set: { id: id, v: v } }\n";
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE s (id int PRIMARY KEY, v int)",
                    "CREATE TABLE t (id int PRIMARY KEY, v int)",
                    "INSERT INTO s SELECT n, n FROM generate_series(1, 300) n",
                    "INSERT INTO t VALUES (50, 0), (250, 0)",
                    "INSERT INTO t SELECT id, v FROM s WHERE id >= 100 AND id < 200");

            VerifyReport report = db.verify(fill);

            assertThat(differences(report)).isEmpty();
            assertThat(report.tables().get(0).rows().actual()).isEqualTo(100);
        }
    }

    @Test
    void a_bug_of_the_transform_is_found_by_an_independent_expectation_and_by_nothing_else() throws Exception {
        String bug = """
                fill:
                  into: pay
                  set: { net: gross - CASE WHEN id % 5000 = 0 THEN 0 ELSE fee END }
                """;
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE pay (id int PRIMARY KEY, gross numeric NOT NULL, fee numeric NOT NULL, net numeric)",
                    "INSERT INTO pay SELECT n, n * 1.1, 0.3 FROM generate_series(1, 20000) n");
            db.run(bug);

            assertThat(differences(db.verify(bug))).isEmpty();
            assertThat(differences(db.verify(bug + "  expect: { net: gross - fee }\n")))
                    .containsExactly("WRONG 5000 net", "WRONG 10000 net", "WRONG 15000 net", "WRONG 20000 net");
        }
    }

    @Test
    void rows_that_are_right_by_their_own_word_prove_nothing_without_an_expectation() throws Exception {
        String fill = """
                fill:
                  into: price
                  set: { amount: amount * 2, doubled: 'true' }
                  conflict: overwrite
                  already_right: doubled
                """;
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE price (id int PRIMARY KEY, was int, amount int, doubled boolean NOT NULL DEFAULT false)",
                    "INSERT INTO price SELECT n, n, n FROM generate_series(1, 1000) n");
            db.run(fill);
            db.execute("UPDATE price SET amount = 7 WHERE id = 500");

            VerifyReport alone = db.verify(fill);

            assertThat(alone.proved()).isFalse();
            assertThat(alone.tables().get(0).rows().skipped()).isEqualTo(1_000);
            assertThat(differences(db.verify(fill + "  expect: { amount: was * 2 }\n")))
                    .containsExactly("WRONG 500 amount");
        }
    }

    @Test
    void a_row_that_cannot_be_computed_is_named_with_its_cause_and_hides_no_other() throws Exception {
        String fill = "fill: { into: t, set: { number: text::int } }\n";
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, text text, number int)",
                    "INSERT INTO t SELECT n, n::text FROM generate_series(1, 3000) n",
                    "UPDATE t SET text = 'poison' WHERE id IN (1234, 3000)");
            db.run(fill);
            db.execute("UPDATE t SET number = 0 WHERE id = 1235");

            VerifyReport report = db.verify(fill);

            assertThat(differences(report))
                    .containsExactlyInAnyOrder("FAILED 1234", "FAILED 3000", "WRONG 1235 number");
            assertThat(report.tables().get(0).named())
                    .filteredOn(m -> m.kind() == Kind.FAILED)
                    .allSatisfy(
                            m -> assertThat(m.cause()).contains("invalid input syntax for type integer: \"poison\""));
        }
    }

    @Test
    void many_rows_that_differ_are_all_counted_and_the_first_are_named() throws Exception {
        try (FillDatabase db = people(PostgresServer.newest())) {
            db.execute("DELETE FROM person WHERE id > 3000", "DELETE FROM person_old WHERE id > 3000");
            db.execute("UPDATE person SET name = 'Eve'", "DELETE FROM person WHERE id % 2 = 0");

            TableReport table = db.verify(PERSON).tables().get(0);

            assertThat(table.differences().get(Kind.WRONG)).isEqualTo(500);
            assertThat(table.differences().get(Kind.MISSING)).isEqualTo(500);
            assertThat(table.named()).hasSize(TableReport.MOST_NAMED);
        }
    }

    @Test
    void it_writes_nothing_and_waits_for_no_row_lock() throws Exception {
        try (FillDatabase db = people(PostgresServer.newest());
                Connection other = db.connect();
                Statement s = other.createStatement()) {
            db.execute("UPDATE person SET name = 'Eve' WHERE id = 6");
            String before = db.text("SELECT string_agg(p::text || p.xmin, ',' ORDER BY id) FROM person p");
            other.setAutoCommit(false);
            s.execute("SELECT FROM person WHERE id = 6 FOR UPDATE");

            List<String> locked = differences(db.verify(PERSON));
            other.rollback();

            assertThat(locked).containsExactly("UNSETTLED 6 name");
            assertThat(differences(db.verify(PERSON))).containsExactly("WRONG 6 name");
            assertThat(db.text("SELECT string_agg(p::text || p.xmin, ',' ORDER BY id) FROM person p"))
                    .isEqualTo(before);
        }
    }

    @Test
    void beside_heavy_writes_nothing_is_called_wrong_but_what_is() throws Exception {
        int times = "full".equals(System.getProperty("neap.campaign")) ? 50 : 6;
        String fill = "fill: { from: s, into: t, set: { id: id, v: upper(v) } }\n";
        try (FillDatabase db = FillDatabase.create(SECOND_WRITE)) {
            db.execute(
                    "CREATE TABLE s (id int PRIMARY KEY, v text)",
                    "CREATE TABLE t (id int PRIMARY KEY, v text)",
                    "INSERT INTO s SELECT n, 'old' FROM generate_series(1, 3000) n",
                    "INSERT INTO t SELECT id, upper(v) FROM s");
            // Each writes keys of its own: two that wrote the same row in two transactions would make real differences.
            try (Beside together = new Beside(db, (c, random) -> {
                        int id = 3 + 3 * random.nextInt(1000);
                        Beside.together(c, () -> put(c, id, random), () -> follow(c, id));
                    });
                    Beside sourceFirst = new Beside(db, (c, random) -> {
                        int id = 1 + 3 * random.nextInt(40);
                        put(c, id, random);
                        Beside.pause(60);
                        follow(c, id);
                    });
                    Beside targetFirst = new Beside(db, (c, random) -> {
                        int id = 2 + 3 * random.nextInt(40);
                        Beside.execute(c, "DELETE FROM t WHERE id = ?", id);
                        Beside.pause(60);
                        Beside.execute(c, "DELETE FROM s WHERE id = ?", id);
                        put(c, id, random);
                        follow(c, id);
                    })) {
                long[] settled = {0, 0};
                for (int i = 0; i < times; i++) {
                    VerifyReport report =
                            db.verify(fill, i % 2 == 0 ? VerifyRequest.EVERY_ROW : VerifyRequest.AGGREGATES);
                    assertThat(differences(report)).as("verification " + i).isEmpty();
                    settled[i % 2] += report.tables().get(0).rows().settled();
                }
                assertThat(settled).as("rows seen between two writes, by scope").doesNotContain(0);
                db.execute("DELETE FROM t WHERE id = 2995", "UPDATE t SET v = 'Old' WHERE id = 2999");

                assertThat(differences(db.verify(fill))).containsExactlyInAnyOrder("MISSING 2995", "WRONG 2999 v");
                assertThat(differences(db.verify(fill, VerifyRequest.AGGREGATES)))
                        .contains("MISSING 2995");
                assertThat(together.end() + sourceFirst.end() + targetFirst.end())
                        .isGreaterThan(100);
            }
        }
    }

    private static void put(Connection c, int id, SplittableRandom random) throws SQLException {
        Beside.execute(
                c,
                "INSERT INTO s VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET v = EXCLUDED.v",
                id,
                "v" + random.nextInt());
    }

    private static void follow(Connection c, int id) throws SQLException {
        Beside.execute(
                c,
                "INSERT INTO t SELECT id, upper(v) FROM s WHERE id = ? ON CONFLICT (id) DO UPDATE SET v = EXCLUDED.v",
                id);
    }
}
