package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.run.RunResult;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A row that a statement writes is written again by triggers of the application's, before Neap's is told of the first. */
class DualWriteNestedTest {
    private static final String PERSONS = """
            fill:
              from: old
              into: person
              where: name <> 'hidden'
              set: { id: id, first: name, head: head }
              dual_write: trigger
            """;

    /** What the target lacks of the fill's own making, or has too much. */
    private static final String DIFFERENT = """
            SELECT count(*) FROM (SELECT id, name, head FROM old WHERE name <> 'hidden') AS made (id, first, head)
            FULL JOIN person USING (id)
            WHERE (made.first, made.head) IS DISTINCT FROM (person.first, person.head)
            """;

    private FillDatabase db;

    @BeforeEach
    void create() throws SQLException {
        db = FillDatabase.create();
        db.execute(
                "CREATE TABLE old (id int PRIMARY KEY, name text NOT NULL, head int REFERENCES old ON UPDATE CASCADE)",
                "CREATE TABLE person (id int PRIMARY KEY, first text, head int, remark text)",
                "INSERT INTO old SELECT n, 'Ada ' || n FROM generate_series(1, 50) n");
    }

    @AfterEach
    void drop() throws SQLException {
        db.close();
    }

    private void fill(String file) {
        assertThat(db.run(file).outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    /** A trigger that fires before Neap's: those of one table go by their names. */
    private void trigger(String name, String when, String statement) throws SQLException {
        db.execute(
                "CREATE FUNCTION " + name + "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + statement
                        + "; RETURN NULL; END $$",
                "CREATE TRIGGER a_" + name + " AFTER " + when + " EXECUTE FUNCTION " + name + "()");
    }

    private void carriedOver() throws SQLException {
        assertThat(db.number(DIFFERENT)).isZero();
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();
    }

    @Test
    void the_newest_version_is_carried_over_though_the_trigger_is_told_of_it_first() throws Exception {
        fill(PERSONS);
        trigger("path", "INSERT ON old FOR EACH ROW", "UPDATE old SET name = name || '/' || NEW.id WHERE id = NEW.id");
        trigger(
                "hides",
                "UPDATE ON old FOR EACH ROW WHEN (NEW.name = 'hide')",
                "UPDATE old SET name = 'hidden' WHERE id = NEW.id");

        db.execute("INSERT INTO old VALUES (9000, 'Bob')", "UPDATE old SET name = 'hide' WHERE id IN (1, 9000)");
        db.execute("INSERT INTO old VALUES (9001, 'Cid')", "UPDATE old SET head = 5 WHERE id = 5");
        db.execute("UPDATE old SET id = 9005 WHERE id = 5");

        carriedOver();
        assertThat(db.text("SELECT first FROM person WHERE id = 9001")).isEqualTo("Cid/9001");
        assertThat(db.text("SELECT head FROM person WHERE id = 9005"))
                .as("a key that the row itself references")
                .isEqualTo("9005");
    }

    @Test
    void a_row_that_is_deleted_in_the_same_statement_is_not_put_back() throws Exception {
        fill(PERSONS);
        trigger(
                "goes",
                "INSERT OR UPDATE ON old FOR EACH ROW WHEN (NEW.name = 'gone')",
                "DELETE FROM old WHERE id = NEW.id");

        db.execute("INSERT INTO old VALUES (9000, 'gone')", "UPDATE old SET name = 'gone' WHERE id IN (1, 2)");
        db.execute("UPDATE old SET name = 'gone', id = 9003 WHERE id = 3");

        carriedOver();
    }

    @Test
    void a_key_that_is_left_and_taken_in_the_same_statement_has_the_row_that_has_it_then() throws Exception {
        fill(PERSONS);
        db.execute("UPDATE person SET remark = first");
        db.execute("DELETE FROM old WHERE id = 20", "UPDATE old SET id = id - 1 WHERE id BETWEEN 21 AND 30");

        carriedOver();
        assertThat(db.number("SELECT count(*) FROM person WHERE remark IS DISTINCT FROM first"))
                .as("each row keeps its other columns, where each takes the key of the one before")
                .isZero();

        trigger(
                "stays",
                "DELETE ON old FOR EACH ROW WHEN (OLD.name = 'stays')",
                "INSERT INTO old VALUES (OLD.id, 'again')");
        trigger(
                "heir",
                "UPDATE ON old FOR EACH ROW WHEN (OLD.id < 9000 AND NEW.id > 9000)",
                "INSERT INTO old VALUES (OLD.id, 'heir')");
        trigger(
                "twice",
                "UPDATE ON old FOR EACH ROW WHEN (NEW.id BETWEEN 8000 AND 8999)",
                "UPDATE old SET id = 7000 WHERE id = NEW.id");
        db.execute("UPDATE old SET name = 'stays' WHERE id = 1", "DELETE FROM old WHERE id = 1");
        db.execute("UPDATE old SET id = 9002 WHERE id = 2", "UPDATE old SET id = 8003 WHERE id = 3");

        carriedOver();
        assertThat(db.text("SELECT string_agg(first, ' ' ORDER BY id) FROM person WHERE id IN (1, 2, 9002)"))
                .isEqualTo("again heir Ada 2");
    }

    @Test
    void of_a_row_that_becomes_many_those_are_taken_out_that_it_does_not_become_any_more() throws Exception {
        db.execute(
                "CREATE TABLE post (id int PRIMARY KEY, tags text[])",
                "CREATE TABLE post_tag (post int, tag text, PRIMARY KEY (post, tag))",
                "INSERT INTO post SELECT n, ARRAY['a', 'b' || n] FROM generate_series(1, 9) n");
        fill("fill: { from: post, into: post_tag, set: { post: id, tag: unnest(tags) }, dual_write: trigger }\n");
        trigger("stays", "DELETE ON post FOR EACH ROW", "INSERT INTO post VALUES (OLD.id, '{c,a}')");
        trigger("heir", "UPDATE OF id ON post FOR EACH ROW", "INSERT INTO post VALUES (OLD.id, '{d,e}')");

        db.execute("DELETE FROM post WHERE id = 1", "UPDATE post SET id = 12 WHERE id = 2");

        String made = "SELECT id, unnest(tags) FROM post";
        String there = "SELECT post, tag FROM post_tag";
        assertThat(db.number("SELECT count(*) FROM (" + made + " EXCEPT " + there + ") AS missing"))
                .isZero();
        assertThat(db.number("SELECT count(*) FROM (" + there + " EXCEPT " + made + ") AS extra"))
                .isZero();
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();
    }

    @Test
    void a_column_that_the_walked_table_gains_or_loses_does_no_harm_in_a_session_that_wrote_before() throws Exception {
        db.execute("ALTER TABLE old ADD COLUMN spare int");
        fill(PERSONS);
        for (String change : List.of("ADD COLUMN more text DEFAULT 'm'", "DROP COLUMN spare")) {
            db.execute("UPDATE old SET name = 'Bob' WHERE id < 9", "UPDATE old SET id = id + 100 WHERE id % 20 = 0");
            db.execute("ALTER TABLE old " + change);
            db.execute("UPDATE old SET name = 'Cid' WHERE id < 8", "UPDATE old SET id = id + 100 WHERE id % 20 = 0");
            db.execute("DELETE FROM old WHERE id = (SELECT min(id) FROM old)");
            carriedOver();
        }
    }

    @Test
    void a_column_that_is_computed_when_it_is_read_has_its_value() throws Exception {
        db.execute("ALTER TABLE old ADD COLUMN loud text GENERATED ALWAYS AS (upper(name)) VIRTUAL");
        String louder = PERSONS.replace("first: name", "first: loud").replace("  where: name <> 'hidden'\n", "");
        AtomicBoolean written = new AtomicBoolean();
        RunResult result = db.run(db.backfill(louder), 1, point -> {
            if (point == Point.AFTER_FILL_BATCH && written.compareAndSet(false, true)) {
                try {
                    db.execute("UPDATE old SET name = 'Dan' WHERE id = 4", "UPDATE old SET id = 9005 WHERE id = 5");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);

        db.execute(
                "INSERT INTO old VALUES (9000, 'Bob')",
                "UPDATE old SET name = 'Cid' WHERE id = 1",
                "UPDATE old SET id = 9002 WHERE id = 2");

        assertThat(db.number(DIFFERENT.replace("name, head", "loud, head").replace(" WHERE name <> 'hidden'", "")))
                .isZero();
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();
    }
}
