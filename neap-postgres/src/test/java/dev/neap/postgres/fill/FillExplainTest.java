package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Explanation;
import dev.neap.plan.Explanation.Statement;
import dev.neap.plan.Plan;
import dev.neap.run.Probe;
import dev.neap.testkit.Jars;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the server says about the statements of a fill, and a sample of it that is rolled back. */
class FillExplainTest {
    @TempDir
    private static Path folder;

    @BeforeAll
    static void jar() throws Exception {
        Jars.write(folder.resolve("t.jar"), Transforms.ALL);
    }

    private static final String USERS = """
            fill:
              from: users_legacy
              into: users
              set: { id: id, name: lower(full_name) }
            """;

    private static final String LATE = """
            fill:
              into: rental
              set: { late: "kept > (SELECT f.days FROM film f WHERE f.code = rental.code)" }
              reads: film
            """;

    private static void tables(FillDatabase db) throws SQLException {
        db.execute(
                "CREATE TABLE users_legacy (id bigint PRIMARY KEY, full_name text NOT NULL)",
                "INSERT INTO users_legacy SELECT n * 3, 'Ada ' || n FROM generate_series(1, 120000) n",
                "CREATE TABLE users (id bigint PRIMARY KEY, name text, n bigserial)",
                "CREATE TABLE film (id int PRIMARY KEY, code text NOT NULL, days int NOT NULL, about text)",
                "INSERT INTO film SELECT n, 'c' || n, n, repeat('x', 100) FROM generate_series(1, 80000) n",
                "CREATE TABLE rental (id int PRIMARY KEY, code text, kept int, late boolean)",
                "INSERT INTO rental SELECT n, 'c' || n % 10, n % 120 FROM generate_series(1, 120000) n",
                "ANALYZE");
    }

    private static void javaTables(FillDatabase db) throws SQLException {
        db.execute(
                "CREATE TABLE people (id text COLLATE \"C\" PRIMARY KEY, full_name text NOT NULL)",
                "INSERT INTO people SELECT to_char(n, '000000'), 'Ada ' || n FROM generate_series(1, 60000) n",
                "CREATE TABLE names (id text PRIMARY KEY, first_name varchar(20) COLLATE \"C\", last_name text)",
                "CREATE TABLE post (id int PRIMARY KEY, tags text)",
                "INSERT INTO post SELECT n, 'a,b' FROM generate_series(1, 60000) n",
                "CREATE TABLE post_tag (post_id int, tag text, PRIMARY KEY (post_id, tag))",
                "CREATE TABLE item (id int PRIMARY KEY, price int, cents numeric(12, 0))",
                "INSERT INTO item SELECT n, n FROM generate_series(1, 60000) n",
                "ANALYZE");
    }

    private static String by(Class<?> transform, String tables) {
        return "fill:\n" + tables + "  transform: { class: " + transform.getName() + ", jar: " + folder.resolve("t.jar")
                + " }\n";
    }

    private static Explanation explain(FillDatabase db, String profile, String fill, boolean analyze) {
        Backfill backfill = db.backfill(profile, fill);
        Plan plan = db.neap(Probe.NONE).plan(backfill);
        return db.neap(Probe.NONE).explain(plan, analyze);
    }

    private static Statement named(Explanation explanation, String name) {
        return explanation.statements().stream()
                .filter(s -> s.plan().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void every_statement_is_explained_without_anything_being_made() throws Exception {
        for (PostgresServer server : List.of(PostgresServer.newest(), PostgresServer.oldest())) {
            try (FillDatabase db = FillDatabase.create(server)) {
                tables(db);
                db.execute(
                        "INSERT INTO users SELECT n * 3 + 1, 'new' FROM generate_series(1, 50000) n", "ANALYZE users");
                Explanation users = explain(db, "prod", USERS, false);

                assertThat(users.statements())
                        .extracting(s -> s.plan().name())
                        .containsExactly(
                                "walk",
                                "write",
                                "reconcile: delete",
                                "reconcile: insert",
                                "reconcile: update",
                                "look: walk",
                                "look");
                assertThat(named(users, "walk").verdict()).isEqualTo("public.users_legacy by users_legacy_pkey");
                assertThat(named(users, "write").plan().text()).startsWith("Insert on users target");
                assertThat(named(users, "reconcile: delete").verdict()).contains("public.users by users_pkey");
                assertThat(users.statements())
                        .allSatisfy(s -> assertThat(s.actual()).isNull());
                assertThat(users.batches()).hasSize(10);
                assertThat(users.batches().get(1))
                        .isEqualTo(new Explanation.Batch(List.of("1500"), List.of("3000"), 500, 500));
                assertThat(explain(db, "prod", LATE, false).statements())
                        .extracting(s -> s.plan().name())
                        .containsExactly("walk", "lock", "write", "look: walk", "look");
                assertThat(db.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'neap'"))
                        .isZero();
            }
        }
    }

    @Test
    void a_transform_in_java_is_explained_without_being_called() throws Exception {
        for (PostgresServer server : List.of(PostgresServer.newest(), PostgresServer.oldest())) {
            try (FillDatabase db = FillDatabase.create(server)) {
                javaTables(db);
                Explanation split =
                        explain(db, "prod", by(Transforms.Split.class, "  from: people\n  into: names\n"), false);

                assertThat(split.statements())
                        .extracting(s -> s.plan().name())
                        .containsExactly(
                                "walk",
                                "read",
                                "write",
                                "reconcile: read",
                                "reconcile: compare",
                                "reconcile: delete",
                                "reconcile: insert",
                                "reconcile: update",
                                "look: walk",
                                "look: read",
                                "look");
                for (String byKey : List.of("read", "write", "reconcile: read", "reconcile: compare", "look: read")) {
                    assertThat(named(split, byKey).verdict()).as(byKey).startsWith("public.people by people_pkey");
                }
                assertThat(split.batches()).hasSize(10);
                assertThat(split.notes()).anySatisfy(note -> assertThat(note).contains("the transform is not called"));
                assertThat(explain(db, "prod", by(Transforms.Tags.class, "  from: post\n  into: post_tag\n"), false)
                                .statements())
                        .extracting(Statement::verdict)
                        .noneMatch(verdict -> verdict.contains("reads all of"));
                assertThat(explain(db, "prod", by(Transforms.Cents.class, "  into: item\n"), false)
                                .statements())
                        .extracting(s -> s.plan().name())
                        .containsExactly("walk", "read", "write", "look: walk", "look: read", "look");
            }
        }
    }

    @Test
    void a_sample_of_a_transform_in_java_is_rehearsed_and_leaves_no_row_and_no_object() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            javaTables(db);
            Explanation split = explain(db, "dev", by(Transforms.Split.class, "  from: people\n  into: names\n"), true);

            assertThat(named(split, "read").actual().rows()).isEqualTo(500);
            assertThat(named(split, "write").actual().rows()).isEqualTo(500);
            assertThat(named(split, "look").actual().rows()).isZero();
            assertThat(named(split, "reconcile: insert").actual()).isNull();
            assertThat(split.notes()).anySatisfy(note -> assertThat(note).contains("changes was not rehearsed"));
            assertThat(split.rehearsal().rows()).isEqualTo(500);
            assertThat(split.rehearsal().leaves())
                    .anySatisfy(left -> assertThat(left).contains("the transform did outside"));
            assertThat(named(explain(db, "dev", by(Transforms.Cents.class, "  into: item\n"), true), "write")
                            .actual()
                            .rows())
                    .isEqualTo(500);
            assertThat(db.number("SELECT (SELECT count(*) FROM names) + (SELECT count(cents) FROM item)"
                            + " + (SELECT count(*) FROM pg_class WHERE relname LIKE 'neap\\_%')"))
                    .isZero();
        }
    }

    @Test
    void a_sample_that_the_transform_fails_for_is_not_rehearsed() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE source (id int PRIMARY KEY, name text)",
                    "CREATE TABLE target (id int PRIMARY KEY, name text)",
                    "INSERT INTO source SELECT n, CASE n WHEN 7 THEN 'throws' ELSE 'x' END FROM generate_series(1, 3000) n");

            assertThatThrownBy(() ->
                            explain(db, "dev", by(Transforms.Naughty.class, "  from: source\n  into: target\n"), true))
                    .isInstanceOf(NeapException.class)
                    .hasMessageContaining("nothing was written: the transform failed for a row of the sample (")
                    .hasMessageContaining("no such");
            assertThat(db.number("SELECT count(*) FROM pg_class WHERE relname LIKE 'neap\\_%'"))
                    .isZero();
        }
    }

    @Test
    void several_tables_are_explained_one_after_another_and_the_first_is_rehearsed() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            tables(db);
            db.execute("CREATE TABLE card (user_id bigint PRIMARY KEY REFERENCES users, name text)");
            Explanation both = explain(db, "dev", """
                    fill:
                      - from: users_legacy
                        into: card
                        set: { user_id: id, name: full_name }
                      - from: users_legacy
                        into: users
                        set: { id: id, name: lower(full_name) }
                    """, true);

            assertThat(named(both, "public.users: write").actual()).isNotNull();
            assertThat(named(both, "public.card: write").actual()).isNull();
            assertThat(named(both, "public.card: walk").verdict())
                    .isEqualTo("public.users_legacy by users_legacy_pkey");
            assertThat(both.notes()).anyMatch(note -> note.startsWith("the first table alone was rehearsed"));
            assertThat(both.rehearsal()).isNotNull();
            assertThat(db.number("SELECT count(*) FROM users")).isZero();
        }
    }

    @Test
    void a_verdict_names_the_index_that_is_missing() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            tables(db);

            assertThat(named(explain(db, "dev", LATE, false), "write").verdict())
                    .contains(
                            "public.rental by rental_pkey",
                            "reads all of public.film, about 80,000 rows: CREATE INDEX CONCURRENTLY ON public.film (code)");
        }
    }

    @Test
    void a_rehearsal_executes_a_sample_and_leaves_no_row_and_no_object() throws Exception {
        for (PostgresServer server : List.of(PostgresServer.newest(), PostgresServer.oldest())) {
            try (FillDatabase db = FillDatabase.create(server)) {
                tables(db);
                db.execute("INSERT INTO users VALUES (3, 'kept')");
                Explanation users = explain(db, "dev", USERS, true);

                assertThat(named(users, "write").actual()).satisfies(actual -> {
                    assertThat(actual.rows()).isEqualTo(499);
                    assertThat(actual.walBytes()).isPositive();
                    assertThat(actual.json()).contains("\"Actual Rows\"");
                });
                assertThat(users.statements())
                        .allSatisfy(s -> assertThat(s.actual()).isNotNull());
                assertThat(users.rehearsal().walBytes())
                        .isGreaterThan(100 * named(users, "write").actual().walBytes());
                assertThat(users.rehearsal().leaves())
                        .anySatisfy(left -> assertThat(left).contains("sequences"));
                assertThat(db.text("SELECT string_agg(name, ' ') FROM users")).isEqualTo("kept");
                assertThat(db.number("SELECT last_value FROM users_n_seq")).isGreaterThan(400);
                assertThat(db.number("SELECT count(*) FROM pg_class WHERE relname LIKE 'fill_changes%'"
                                + " OR relnamespace = to_regnamespace('neap')"))
                        .isZero();
                assertThat(explain(db, "staging", LATE.replace("f.code = rental.code", "f.id = rental.id"), true)
                                .rehearsal()
                                .rows())
                        .isEqualTo(500);
                assertThat(db.number("SELECT count(*) FROM rental WHERE late IS NOT NULL"))
                        .isZero();
            }
        }
    }

    @Test
    void prod_is_never_rehearsed() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            tables(db);

            assertThatThrownBy(() -> explain(db, "prod", USERS, true))
                    .isInstanceOfSatisfying(
                            NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.USAGE))
                    .hasMessageContaining("not in the profile prod");
            assertThat(db.number("SELECT last_value FROM users_n_seq")).isEqualTo(1);
        }
    }
}
