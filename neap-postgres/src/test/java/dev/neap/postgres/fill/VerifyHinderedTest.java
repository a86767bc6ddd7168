package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.TableVerifier.Part;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What stands in the way of a full verification, and what it says then. */
class VerifyHinderedTest {
    private static final String PERSON =
            "fill: { from: person_old, into: person, set: { id: id, name: upper(name) } }\n";

    private static FillDatabase people() throws SQLException {
        FillDatabase db = FillDatabase.create();
        db.execute(
                "CREATE TABLE person_old (id int PRIMARY KEY, name text)",
                "CREATE TABLE person (id int PRIMARY KEY, name text)",
                "INSERT INTO person_old SELECT n, 'Ada ' || n FROM generate_series(1, 50) n",
                "INSERT INTO person SELECT id, upper(name) FROM person_old");
        return db;
    }

    @Test
    void what_does_not_compile_is_refused_before_anything_is_read() throws Exception {
        try (FillDatabase db = people()) {
            assertThatThrownBy(() -> db.verify(PERSON.replace(" } }", " }, expect: { name: no_such_column } }")))
                    .isInstanceOf(NeapException.class)
                    .hasMessageContaining("what is expected of public.person cannot be computed")
                    .hasMessageContaining("no_such_column")
                    .extracting(e -> ((NeapException) e).kind())
                    .isEqualTo(NeapException.Kind.USAGE);
        }
    }

    @Test
    void a_role_that_only_reads_is_told_which_row_it_cannot_judge_and_for_want_of_what() throws Exception {
        try (FillDatabase db = people()) {
            db.execute(
                    "DROP ROLE IF EXISTS auditor",
                    "CREATE ROLE auditor LOGIN",
                    "GRANT SELECT ON person_old, person TO auditor",
                    "GRANT UPDATE (id) ON person_old TO auditor");
            assertThat(db.verifyAs("auditor", PERSON).proved()).isTrue();
            db.execute("UPDATE person SET name = 'Eve' WHERE id = 6");

            assertThatThrownBy(() -> db.verifyAs("auditor", PERSON))
                    .hasMessageStartingWith("the row 6 differed at first sight")
                    .hasMessageContaining("this role may not lock rows of public.person,")
                    .hasMessageEndingWith("GRANT UPDATE (\"id\") ON \"public\".\"person\" TO auditor")
                    .extracting(e -> ((NeapException) e).kind())
                    .isEqualTo(NeapException.Kind.USAGE);
            db.execute("GRANT UPDATE (id) ON person TO auditor");
            assertThat(db.verifyAs("auditor", PERSON).tables().get(0).named())
                    .extracting(named -> named.key().get(0))
                    .containsExactly("6");
            db.execute("DROP OWNED BY auditor", "DROP ROLE auditor");
        }
    }

    @Test
    void whoever_keeps_a_table_locked_for_too_long_is_named() throws Exception {
        try (FillDatabase db = people();
                PostgresTableVerifier verifier = PostgresTableVerifier.open(
                        db.connect(), db.backfill(PERSON).fill(), OptionalLong.empty(), 300);
                Connection other = db.connect();
                Statement s = other.createStatement()) {
            other.setAutoCommit(false);
            s.execute("SET application_name = 'nightly'");
            s.execute("LOCK TABLE person");

            assertThatThrownBy(() -> verifier.compare(Part.ALL))
                    .hasMessageStartingWith("a table that is compared was locked for too long: session ")
                    .hasMessageContaining("(nightly), in a transaction for ")
                    .extracting(e -> ((NeapException) e).kind())
                    .isEqualTo(NeapException.Kind.LOCK);
            other.rollback();
            assertThat(verifier.compare(Part.ALL).same()).isTrue();
        }
    }
}
