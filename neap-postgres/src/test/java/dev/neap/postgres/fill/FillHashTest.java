package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** What decides what a fill writes, and is not in its file. */
class FillHashTest {
    private static String hash(FillDatabase db, String fill, String... settings) throws SQLException {
        try (Connection connection = db.connect();
                Statement s = connection.createStatement()) {
            for (String setting : settings) {
                s.execute(setting);
            }
            return new FillPlanner(connection, db::connect)
                    .plan(db.backfill(fill))
                    .hash();
        }
    }

    @Test
    void the_schemas_in_which_a_function_is_looked_for_are_in_the_hash_and_temporary_objects_are_not()
            throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE t (id int PRIMARY KEY, c int, d int)",
                    "INSERT INTO t VALUES (1, NULL, NULL)",
                    "CREATE SCHEMA other",
                    "CREATE FUNCTION public.f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1'",
                    "CREATE FUNCTION other.f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 2'");
            for (String fill : new String[] {
                "fill: { into: t, set: { c: f(id) } }\n",
                "fill:\n  - { into: t, set: { c: f(id) } }\n  - { into: t, set: { d: f(id) } }\n"
            }) {
                String usual = hash(db, fill);
                assertThat(hash(db, fill, "SET search_path = public")).isEqualTo(usual);
                assertThat(hash(db, fill, "SET search_path = public, pg_temp", "CREATE TEMP TABLE own (a int)"))
                        .isEqualTo(usual);
                assertThat(hash(db, fill, "SET search_path = other, public")).isNotEqualTo(usual);
            }
        }
    }

    @Test
    void the_type_of_a_column_is_in_it() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute("CREATE TABLE t (id int PRIMARY KEY, c int)", "INSERT INTO t VALUES (1, NULL)");
            String fill = "fill: { into: t, set: { c: id } }\n";
            String before = hash(db, fill);

            db.execute("ALTER TABLE t ALTER COLUMN c TYPE bigint");

            assertThat(hash(db, fill)).isNotEqualTo(before);
        }
    }
}
