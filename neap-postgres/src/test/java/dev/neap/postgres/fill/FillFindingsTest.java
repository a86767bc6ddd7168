package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.preflight.Finding.Severity;
import dev.neap.preflight.NullsHandled;
import dev.neap.run.RunResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a plan of a fill warns of, and what it refuses. */
class FillFindingsTest {
    private static final String LATE = """
            fill:
              into: rental
              set: { late: "kept > (SELECT f.days FROM film f WHERE f.code = rental.code)" }
              reads: film
            """;

    private static final String USERS = """
            fill:
              from: users_legacy
              into: users
              set: { id: id, name: lower(full_name) }
            """;

    private static FillDatabase db;

    @BeforeAll
    static void tables() throws SQLException {
        db = FillDatabase.create();
        db.execute(
                "CREATE TABLE film (id int PRIMARY KEY, code text NOT NULL, days int NOT NULL, about text)",
                "INSERT INTO film SELECT n, 'c' || n, n, repeat('x', 100) FROM generate_series(1, 100000) n",
                "CREATE TABLE rental (id int PRIMARY KEY, code text, kept int, late boolean, at timestamptz)",
                "INSERT INTO rental SELECT n, 'c' || n, n % 120 FROM generate_series(1, 20000) n",
                "CREATE TABLE users_legacy (id bigserial PRIMARY KEY, full_name text NOT NULL)",
                "INSERT INTO users_legacy (full_name) SELECT 'Ada ' || n FROM generate_series(1, 100) n",
                "CREATE TABLE users (id bigserial PRIMARY KEY, name text)",
                "ANALYZE",
                "DROP ROLE IF EXISTS filler",
                "CREATE ROLE filler",
                "GRANT SELECT, TRIGGER ON users_legacy TO filler",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON users TO filler",
                "GRANT SELECT, UPDATE ON rental TO filler");
    }

    @AfterAll
    static void drop() throws SQLException {
        db.execute("DROP OWNED BY filler", "DROP ROLE filler");
        db.close();
    }

    private static Plan plan(String profile, String fill, String... settings) throws SQLException {
        try (Connection connection = db.connect();
                Statement s = connection.createStatement()) {
            for (String setting : settings) {
                s.execute(setting);
            }
            return new FillPlanner(connection, db::connect).plan(db.backfill(profile, fill));
        }
    }

    /** But for what every file is asked about its readers: {@link NullsHandledTest}. */
    private static List<Finding> findings(String profile, String fill, String... settings) throws SQLException {
        return plan(profile, fill, settings).findings().stream()
                .filter(f -> !f.check().equals(NullsHandled.CHECK))
                .toList();
    }

    @Test
    void a_large_table_that_is_read_whole_for_each_batch_is_refused_in_prod_and_the_index_is_named() throws Exception {
        assertThat(findings("prod", LATE)).singleElement().satisfies(f -> {
            assertThat(f.severity()).isEqualTo(Severity.ERROR);
            assertThat(f.check()).isEqualTo("table-scan");
            assertThat(f.what()).contains("reads all of public.film, about 100,000 rows");
            assertThat(f.fix()).isEqualTo("CREATE INDEX CONCURRENTLY ON public.film (code)");
        });
        assertThat(plan("dev", LATE).refused()).isFalse();
        assertThat(findings("dev", LATE)).extracting(Finding::severity).containsExactly(Severity.WARNING);
    }

    @Test
    void with_the_index_or_with_a_small_table_nothing_is_said() throws Exception {
        assertThat(findings("prod", LATE.replace("f.code = rental.code", "f.id = rental.id")))
                .isEmpty();
        assertThat(findings(
                        "prod",
                        LATE.replace("FROM film f WHERE f.code = rental.code", "FROM rental f LIMIT 1")
                                .replace("f.days", "f.kept")))
                .isEmpty();
        assertThat(findings("prod", USERS)).isEmpty();
    }

    @Test
    void a_scan_beside_an_index_is_said_and_not_refused() throws Exception {
        String byId = LATE.replace("f.code = rental.code", "f.id = rental.id");

        assertThat(findings("prod", byId, "SET enable_indexscan = off", "SET enable_bitmapscan = off"))
                .isNotEmpty()
                .allSatisfy(f -> {
                    assertThat(f.severity()).isEqualTo(Severity.WARNING);
                    assertThat(f.what())
                            .contains("reads all of public.film, about 100,000 rows, for each row of a batch");
                    assertThat(f.fix()).isEqualTo("ANALYZE public.film");
                });
    }

    @Test
    void offset_is_refused_in_prod_wherever_it_stands_in_the_file() throws Exception {
        String offset =
                "fill:\n  into: rental\n  where: kept > (SELECT min(days) FROM (SELECT days FROM film ORDER BY id"
                        + " OFFSET 3 LIMIT 1) AS f)\n  set: { late: \"'offset' = code\" }\n  reads: film\n";

        assertThat(findings("prod", offset))
                .filteredOn(f -> f.check().equals("offset"))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.severity()).isEqualTo(Severity.ERROR);
                    assertThat(f.what()).isEqualTo("fill.where has OFFSET");
                });
        assertThat(findings("staging", offset))
                .filteredOn(f -> f.check().equals("offset"))
                .extracting(Finding::severity)
                .containsExactly(Severity.WARNING);
    }

    @Test
    void only_an_owner_can_let_triggers_fire_always_and_that_is_enough_for_what_is_his() throws Exception {
        assertThat(findings("prod", USERS, "SET ROLE filler"))
                .extracting(Finding::check)
                .containsOnly("privileges");
        assertThat(findings("prod", USERS, "SET ROLE filler"))
                .extracting(Finding::what)
                .startsWith("filler is not a member of postgres, which owns users_legacy")
                .contains("filler may not see what other sessions do")
                .noneMatch(what -> what.contains("sequence"));
    }

    @Test
    void a_table_that_is_read_must_be_there_and_readable() throws Exception {
        assertThat(findings("prod", LATE, "SET ROLE filler"))
                .extracting(Finding::fix)
                .startsWith("GRANT SELECT ON public.film TO filler");
        assertThat(findings("prod", LATE.replace("reads: film", "reads: flim")))
                .extracting(Finding::what)
                .containsExactly("fill.reads: there is no table public.flim");
    }

    @Test
    void an_expression_that_makes_something_else_each_time_is_said_and_refused_where_a_look_would_never_end()
            throws Exception {
        for (String steadyless : List.of("random() > 0.5", "clock_timestamp() > at", "now() > at")) {
            String fill = "fill:\n  into: rental\n  set: { late: \"" + steadyless + "\" }\n";

            assertThat(findings("prod", fill)).singleElement().satisfies(f -> {
                assertThat(f.check()).isEqualTo("volatile-expression");
                assertThat(f.severity()).isEqualTo(Severity.WARNING);
            });
            assertThat(findings("prod", fill + "  conflict: overwrite\n"))
                    .extracting(Finding::severity)
                    .containsExactly(Severity.ERROR);
        }
        assertThat(findings("prod", "fill:\n  into: rental\n  set: { late: \"'now()' = lower(code)\" }\n"))
                .isEmpty();
    }

    @Test
    void what_makes_many_rows_of_one_is_not_taken_for_volatile_and_what_is_volatile_in_it_is() throws Exception {
        String many = "fill:\n  from: rental\n  into: users\n  set: { id: id, name: \"unnest(ARRAY[%s])\" }\n";

        assertThat(findings("prod", many.formatted("code, code"))).isEmpty();
        assertThat(findings("prod", many.formatted("code, random()::text")))
                .extracting(Finding::check)
                .containsExactly("volatile-expression");
    }

    @Test
    void a_server_that_looks_for_deadlocks_before_neap_steps_back_is_said() throws Exception {
        assertThat(findings("prod", USERS, "SET deadlock_timeout = '300ms'"))
                .singleElement()
                .satisfies(f -> assertThat(f.what()).contains("deadlock_timeout is 300 ms", "500 ms"));
    }

    @Test
    void a_target_without_a_value_and_a_key_that_no_index_finds_are_refused() throws Exception {
        db.execute("CREATE TABLE strict (id bigint, part int, extra text NOT NULL, name text, PRIMARY KEY (part, id))");
        List<Finding> findings = findings("prod", """
                fill:
                  from: users_legacy
                  into: strict
                  set: { id: id, part: 1, name: full_name }
                """);

        assertThat(findings).extracting(Finding::check).containsExactly("not-null-column", "key-index");
        assertThat(findings.get(1).fix()).isEqualTo("CREATE INDEX CONCURRENTLY ON public.strict (\"id\")");
    }

    @Test
    void an_index_that_does_not_find_a_row_by_the_key_alone_is_none() throws Exception {
        db.execute("CREATE TABLE sought (id bigint, part int, email text, PRIMARY KEY (part, id))");
        String fill = "fill: { from: users_legacy, into: sought, set: { id: id, part: 1, email: full_name } }\n";
        for (String index : List.of(
                "INDEX sought_index ON sought (lower(email), id)",
                "INDEX sought_index ON sought USING brin (id)",
                "INDEX sought_index ON sought (id) WHERE email IS NOT NULL")) {
            db.execute("CREATE " + index);
            assertThat(findings("prod", fill))
                    .as(index)
                    .extracting(Finding::check)
                    .containsExactly("key-index");
            db.execute("DROP INDEX sought_index");
        }

        db.execute("CREATE INDEX ON sought (id, lower(email))");
        assertThat(findings("prod", fill)).isEmpty();
    }

    @Test
    void keys_of_two_named_collations_are_refused_and_one_that_names_none_goes_by_the_other() throws Exception {
        db.execute(
                "CREATE TABLE code_old (code text COLLATE \"C\" PRIMARY KEY, about text)",
                "INSERT INTO code_old SELECT 'c' || n, 'about ' || n FROM generate_series(1, 100) n",
                "CREATE TABLE code_other (code text COLLATE \"POSIX\" PRIMARY KEY, about text)",
                "CREATE TABLE code_plain (code text PRIMARY KEY, about text)");
        String fill = "fill: { from: code_old, into: %s, set: { code: code, about: about } }\n";

        assertThat(findings("dev", fill.formatted("code_other")))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.check()).isEqualTo("collations");
                    assertThat(f.severity()).isEqualTo(Severity.ERROR);
                    assertThat(f.what())
                            .isEqualTo("code of public.code_old has the collation pg_catalog.\"C\", and code of"
                                    + " public.code_other has pg_catalog.\"POSIX\"");
                });
        assertThat(findings("dev", fill.formatted("code_plain"))).isEmpty();
        assertThat(db.run(fill.formatted("code_plain")).outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(db.number("SELECT count(*) FROM code_plain JOIN code_old USING (code, about)"))
                .isEqualTo(100);
    }

    @Test
    void keys_that_would_be_one_in_the_target_are_refused() throws Exception {
        db.execute(
                "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "CREATE TABLE tight (code text, at timestamp, about text, PRIMARY KEY (code, at))",
                "CREATE TABLE loosely (code text COLLATE loose, at timestamp, about text, PRIMARY KEY (code, at))",
                "CREATE DOMAIN second AS timestamp(0)",
                "CREATE TABLE by_second (code text, at second, about text, PRIMARY KEY (code, at))");
        String fill = "fill: { from: tight, into: %s, set: { code: code, at: at, about: about } }\n";

        assertThat(findings("dev", fill.formatted("loosely")))
                .singleElement()
                .satisfies(f -> assertThat(f.check()).isEqualTo("collations"));
        assertThat(findings("dev", fill.formatted("by_second"))).singleElement().satisfies(f -> {
            assertThat(f.check()).isEqualTo("key-types");
            assertThat(f.severity()).isEqualTo(Severity.ERROR);
            assertThat(f.what())
                    .isEqualTo("at of public.tight is timestamp without time zone, and at of public.by_second is"
                            + " timestamp(0) without time zone: times would be cut");
        });
    }

    /** A number without a scale most often is a whole one: who knows it says so. */
    @Test
    void keys_that_only_the_rows_tell_apart_are_asked_for_and_keys_that_are_not_compared_refused() throws Exception {
        db.execute(
                "CREATE TABLE numbered (id numeric PRIMARY KEY, about text)",
                "INSERT INTO numbered VALUES (1, 'whole'), (1.4, 'not')",
                "CREATE TABLE whole (id bigint PRIMARY KEY, about text)",
                "CREATE TYPE mood AS ENUM ('sad', 'ok')",
                "CREATE TABLE moods (mood mood PRIMARY KEY, about text)",
                "CREATE TABLE named (mood text PRIMARY KEY, about text)");

        assertThat(findings("prod", "fill: { from: numbered, into: whole, set: { id: id, about: about } }\n"))
                .filteredOn(f -> f.check().equals("key-types"))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.severity()).isEqualTo(Severity.WARNING);
                    assertThat(f.fix())
                            .startsWith("see that no key is such a one: ")
                            .contains("; if one is: ALTER TABLE");
                    assertThat(db.number(f.fix().replaceAll(".*(SELECT .*); if.*", "$1")))
                            .isEqualTo(1);
                });
        assertThat(findings("dev", "fill: { from: moods, into: named, set: { mood: mood, about: about } }\n"))
                .singleElement()
                .satisfies(f -> assertThat(f.what()).contains("the server compares no keys of the two types"));
    }

    @Test
    void a_bound_that_is_no_key_is_refused_by_its_own_name() throws Exception {
        assertThat(findings("prod", USERS + "  keys: { from: 5, to: abc }\n"))
                .singleElement()
                .satisfies(f -> {
                    assertThat(f.check()).isEqualTo("key-bounds");
                    assertThat(f.what()).startsWith("fill.keys: abc is no value of id: invalid input syntax");
                });
    }
}
