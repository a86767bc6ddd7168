package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.neap.dialect.Leftover;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A trigger stands in for an application that writes the walked table alone. */
class DualWriteTest {
    private static final String PERSONS = """
            fill:
              from: old
              into: person
              set: { id: id, first: "split_part(name, ' ', 1)", age: age::int }
              dual_write: trigger
            """;

    /** What the target lacks of the fill's own making, or has too much. */
    private static final String DIFFERENT = """
            SELECT count(*) FROM (SELECT id, split_part(name, ' ', 1), age::int FROM old) AS made (id, first, age)
            FULL JOIN person USING (id)
            WHERE (made.first, made.age) IS DISTINCT FROM (person.first, person.age)
            """;

    private FillDatabase db;

    @BeforeEach
    void create() throws SQLException {
        db = FillDatabase.create();
        db.execute(
                "CREATE TABLE old (id int PRIMARY KEY, name text NOT NULL, age text)",
                "CREATE TABLE person (id int PRIMARY KEY, first text, age int, remark text)",
                "INSERT INTO old SELECT n, 'Ada ' || n, n::text FROM generate_series(1, 2000) n",
                "ANALYZE old");
    }

    @AfterEach
    void drop() throws SQLException {
        db.close();
    }

    private void fill(String file) {
        fill(file, Probe.NONE);
    }

    private void fill(String name, String file) {
        assertThat(db.run(db.backfillNamed(name, file), 1).outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    private void fill(String file, Probe probe) {
        assertThat(db.run(db.backfill(file), 1, probe).outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    private static Probe once(Point at, Work work) {
        AtomicBoolean done = new AtomicBoolean();
        return point -> {
            if (point == at && done.compareAndSet(false, true)) {
                try {
                    work.run();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
    }

    private interface Work {
        void run() throws SQLException;
    }

    /** As a role that may write the old table and nothing else. */
    private void application(String... statements) throws SQLException {
        try (Connection c = db.connect();
                Statement s = c.createStatement()) {
            s.execute("DO $$ BEGIN CREATE ROLE old_application; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
            s.execute("GRANT ALL ON TABLE old TO old_application");
            s.execute("SET ROLE old_application; SET TimeZone = 'Asia/Tokyo'; SET search_path = pg_catalog");
            for (String sql : statements) {
                s.execute(sql);
            }
        }
    }

    @Test
    void what_an_application_writes_in_one_place_is_in_the_other_while_the_run_lasts_and_after_it() throws Exception {
        fill(PERSONS, once(Point.AFTER_FILL_BATCH, () -> {
            application("UPDATE public.old SET name = 'Bob' || id WHERE id % 3 = 0");
            assertThat(db.number("SELECT count(*) FROM person WHERE first LIKE 'Bob%'"))
                    .as("at once")
                    .isEqualTo(666);
            application(
                    "DELETE FROM public.old WHERE id % 7 = 0",
                    "INSERT INTO public.old VALUES (5001, 'Eve X', '1')",
                    "UPDATE public.old SET id = id + 10000 WHERE id % 11 = 0");
        }));
        assertThat(db.number(DIFFERENT)).isZero();

        db.execute(
                "UPDATE person SET remark = 'stays' WHERE id = 1",
                "INSERT INTO person VALUES (20004, 'Nobody', 0, 'taken')",
                "SET session_replication_role = replica; UPDATE old SET name = 'Replicated' WHERE id = 8;"
                        + " RESET session_replication_role");
        application(
                "UPDATE public.old SET id = 20001, name = 'Cid Y' WHERE id = 1",
                "UPDATE public.old SET id = 20004 WHERE id = 4",
                "DELETE FROM public.old WHERE id = 2",
                "INSERT INTO public.old VALUES (6001, 'Fay Z', NULL)");

        assertThat(db.number(DIFFERENT)).isZero();
        assertThat(db.text("SELECT first || ' ' || remark FROM person WHERE id = 20001"))
                .as("a row that changes its key keeps its other columns")
                .isEqualTo("Cid stays");
        assertThat(db.text("SELECT remark FROM person WHERE id = 20004"))
                .as("the row that was there under its new key")
                .isEqualTo("taken");
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();
    }

    @Test
    void it_stays_until_somebody_ends_it_and_is_gone_then() throws Exception {
        fill(PERSONS);
        Neap neap = db.neap(Probe.NONE);

        assertThat(neap.cleanup()).isEmpty();
        assertThat(neap.leftovers())
                .extracting(Leftover::name, Leftover::standsInFor, Leftover::due)
                .containsExactly(tuple("neap_dual_1 on public.old", "test", false));
        assertThatThrownBy(() -> neap.uninstall(false)).hasMessageContaining("say --force");

        assertThat(neap.endDualWrite("another")).isEmpty();
        assertThat(neap.endDualWrite("test")).hasSize(1);
        assertThat(neap.cleanup()).extracting(Leftover::kind).containsExactly("function");
        assertThat(neap.leftovers()).isEmpty();
        application("UPDATE public.old SET name = 'Zoe' WHERE id = 3");
        assertThat(db.text("SELECT first FROM person WHERE id = 3")).isEqualTo("Ada");
    }

    @Test
    void that_of_a_run_that_was_given_up_is_due() throws Exception {
        Neap neap = db.neap(at -> {
            if (at == Point.AFTER_FILL_BATCH) {
                throw new IllegalStateException("dies");
            }
        });
        assertThatThrownBy(() -> neap.run(neap.plan(db.backfill(PERSONS)), RunListener.SILENT, new Stop()))
                .hasMessageContaining("dies");
        assertThat(neap.leftovers()).isNotEmpty().noneMatch(Leftover::due);
        assertThat(neap.endDualWrite("test")).as("its run is not finished").isEmpty();

        neap.abandon("test");
        neap.cleanup();

        assertThat(neap.leftovers()).isEmpty();
        application("UPDATE public.old SET name = 'Zoe'", "TRUNCATE public.old");
    }

    @Test
    void a_write_that_cannot_be_carried_over_succeeds_and_is_set_aside_until_it_can() throws Exception {
        fill(PERSONS);

        application(
                "UPDATE public.old SET name = 'Bob', age = 'none' WHERE id = 5",
                "INSERT INTO public.old VALUES (7001, 'Gus', 'many')",
                "UPDATE public.old SET name = 'Hal' WHERE id = 6");

        assertThat(db.text("SELECT name FROM old WHERE id = 5")).isEqualTo("Bob");
        assertThat(db.text("SELECT first FROM person WHERE id = 6")).isEqualTo("Hal");
        assertThat(db.text("SELECT string_agg(key::text || ' ' || cause, ' | ' ORDER BY key) FROM neap.quarantine"))
                .isEqualTo("{5} the trigger neap_dual_1: invalid input syntax for type integer: \"none\""
                        + " | {7001} the trigger neap_dual_1: invalid input syntax for type integer: \"many\"");

        application(
                "UPDATE public.old SET age = '44', id = 8001 WHERE id = 5", "DELETE FROM public.old WHERE id = 7001");

        assertThat(db.number(DIFFERENT)).isZero();
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();

        db.execute("ALTER TABLE neap.quarantine RENAME TO elsewhere");
        application("UPDATE public.old SET name = 'Ida' WHERE id = 9");
        assertThat(db.text("SELECT name FROM old WHERE id = 9"))
                .as("where it cannot even be set aside")
                .isEqualTo("Ida");
        db.execute("ALTER TABLE neap.elsewhere RENAME TO quarantine");

        application("TRUNCATE public.old");
        assertThat(db.text("SELECT key::text || cause FROM neap.quarantine"))
                .isEqualTo("{}the trigger neap_dual_1: TRUNCATE is not carried over to public.person");
    }

    @Test
    void no_commit_fails_for_a_constraint_of_the_target_that_is_deferred() throws Exception {
        db.execute(
                "CREATE TABLE ages (age int PRIMARY KEY)",
                "INSERT INTO ages SELECT generate_series(1, 2000)",
                "ALTER TABLE person ADD FOREIGN KEY (age) REFERENCES ages DEFERRABLE INITIALLY DEFERRED",
                "CREATE TABLE pet (owner int REFERENCES person DEFERRABLE INITIALLY DEFERRED)");
        fill(PERSONS);
        db.execute("INSERT INTO pet VALUES (6)");

        application("UPDATE public.old SET age = '9999' WHERE id = 5", "DELETE FROM public.old WHERE id = 6");

        assertThat(db.text("SELECT age FROM old WHERE id = 5")).isEqualTo("9999");
        assertThat(db.number("SELECT count(*) FROM old WHERE id = 6")).isZero();
        assertThat(db.text("SELECT string_agg(key::text, ' ' ORDER BY key) FROM neap.quarantine"))
                .isEqualTo("{5} {6}");
    }

    @Test
    void what_the_application_writes_after_it_in_the_same_transaction_may_wait_for_its_commit_as_ever()
            throws Exception {
        db.execute(
                "CREATE TABLE pet (owner int REFERENCES person DEFERRABLE INITIALLY DEFERRED,"
                        + " CONSTRAINT nick CHECK (owner > 0))",
                "ALTER TABLE person ADD UNIQUE (remark) DEFERRABLE INITIALLY DEFERRED,"
                        + " ADD nick text CONSTRAINT nick UNIQUE DEFERRABLE INITIALLY DEFERRED");
        fill(PERSONS);
        db.execute("UPDATE person SET remark = id WHERE id < 3");

        db.execute("BEGIN; UPDATE old SET name = 'Bob' WHERE id = 1; INSERT INTO pet VALUES (9000);"
                + " INSERT INTO old VALUES (9000, 'Cid', '1'); UPDATE person SET remark = '2' WHERE id = 1;"
                + " UPDATE person SET remark = '1' WHERE id = 2; COMMIT");

        assertThat(db.number(DIFFERENT)).isZero();
        assertThat(db.text("SELECT string_agg(remark, ' ' ORDER BY id) FROM person WHERE id < 3"))
                .isEqualTo("2 1");
        assertThat(db.number("SELECT count(*) FROM neap.quarantine"))
                .as("nor is it hindered by a row that waits for the one that it carries over")
                .isZero();
    }

    @Test
    void an_assertion_that_fails_is_set_aside_like_any_other_error() throws Exception {
        db.execute("CREATE FUNCTION number_of(age text) RETURNS int LANGUAGE plpgsql"
                + " AS $$ BEGIN ASSERT age <> 'none', 'no age'; RETURN age::int; END $$");
        fill(PERSONS.replace("age::int", "number_of(age)"));

        application("UPDATE public.old SET name = 'Bob', age = 'none' WHERE id = 5");

        assertThat(db.text("SELECT name FROM old WHERE id = 5")).isEqualTo("Bob");
        assertThat(db.text("SELECT key::text || ' ' || cause FROM neap.quarantine"))
                .isEqualTo("{5} the trigger neap_dual_1: no age");
    }

    @Test
    void what_it_missed_during_the_run_is_reconciled_whatever_stood_there() throws Exception {
        db.execute("INSERT INTO person VALUES (5, 'Old', 1)");
        fill(PERSONS, once(Point.AFTER_CAPTURE, () -> {
            try (Connection c = db.connect();
                    Statement s = c.createStatement()) {
                c.setAutoCommit(false);
                s.execute("SELECT FROM person WHERE id = 5 FOR UPDATE");
                application("SET lock_timeout = '100ms'", "UPDATE public.old SET name = 'Bob' WHERE id = 5");
                c.rollback();
            }
            assertThat(db.text("SELECT cause FROM neap.quarantine")).contains("lock timeout");
        }));

        assertThat(db.number(DIFFERENT)).isZero();
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();
    }

    @Test
    void what_the_walk_had_set_aside_is_known_to_be_missed_since() throws Exception {
        db.execute("UPDATE old SET age = 'none' WHERE id = 6", "INSERT INTO person VALUES (6, 'Old', 1)");
        fill(PERSONS, once(Point.AFTER_FILL_BATCH, () -> {
            assertThat(db.text("SELECT key::text || missed FROM neap.quarantine"))
                    .isEqualTo("{6}false");
            try (Connection c = db.connect();
                    Statement s = c.createStatement()) {
                c.setAutoCommit(false);
                s.execute("SELECT FROM person WHERE id = 6 FOR UPDATE");
                application("SET lock_timeout = '100ms'", "UPDATE public.old SET age = '66' WHERE id = 6");
                c.rollback();
            }
        }));

        assertThat(db.number(DIFFERENT)).isZero();
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();
    }

    @Test
    void a_later_run_puts_its_own_in_the_place_of_the_earlier_one() throws Exception {
        fill(PERSONS);
        fill(PERSONS.replace("split_part(name, ' ', 1)", "upper(name)"));

        fill("remarks", "fill: { from: old, into: person, set: { id: id, remark: name }, dual_write: trigger }\n");

        assertThat(
                        db.text(
                                "SELECT string_agg(tgname, ' ' ORDER BY tgname) FROM pg_trigger WHERE tgname ~ '^neap_dual' AND tgtype & 1 = 1"))
                .as("that of another backfill stays")
                .isEqualTo("neap_dual_2 neap_dual_3");
        assertThat(db.text("SELECT string_agg(proname, ' ' ORDER BY proname) FROM pg_proc WHERE proname ~ '^dual_'"))
                .isEqualTo("dual_2 dual_3");
        application("UPDATE public.old SET name = 'Bob B' WHERE id = 1");
        assertThat(db.text("SELECT first || ', ' || remark FROM person WHERE id = 1"))
                .isEqualTo("BOB B, Bob B");
        application("UPDATE public.old SET name = 'Cid C', age = 'none' WHERE id = 2");
        assertThat(db.text("SELECT first || ', ' || remark FROM person WHERE id = 2"))
                .isEqualTo("Ada, Cid C");
        assertThat(db.text("SELECT string_agg(run_id || ' ' || key::text, ', ') FROM neap.quarantine"))
                .as("what one could not carry over, though the other could")
                .isEqualTo("2 {2}");

        application("UPDATE public.old SET age = '2' WHERE id = 2");
        db.execute("CREATE TABLE elsewhere (LIKE person INCLUDING ALL)");
        fill(PERSONS.replace("into: person", "into: elsewhere"));
        application("UPDATE public.old SET name = 'Dan D' WHERE id = 3");
        assertThat(db.text("SELECT p.first || ', ' || e.first FROM person p JOIN elsewhere e USING (id) WHERE id = 3"))
                .as("that into another table stays")
                .isEqualTo("DAN D, Dan");
    }

    @Test
    void one_that_somebody_takes_off_during_the_run_is_put_on_again_before_it_ends() throws Exception {
        fill(PERSONS, once(Point.BEFORE_CAPTURE_ENDS, () -> {
            db.execute("DROP TRIGGER neap_dual_1 ON old");
            application("UPDATE public.old SET name = 'Bob' WHERE id = 1");
        }));
        application("UPDATE public.old SET name = 'Cid' WHERE id = 2");

        assertThat(db.number(DIFFERENT)).isZero();
    }

    @Test
    void one_row_becomes_many_or_none_in_partitions_whose_columns_have_another_order() throws Exception {
        db.execute(
                "CREATE TABLE post (id int, day date, tags text[], hidden boolean, \"new\" int, PRIMARY KEY (id, day))"
                        + " PARTITION BY RANGE (day)",
                "CREATE TABLE post_1 (hidden boolean, gone int, tags text[], day date NOT NULL, id int NOT NULL, \"new\" int)",
                "ALTER TABLE post_1 DROP COLUMN gone",
                "ALTER TABLE post ATTACH PARTITION post_1 FOR VALUES FROM ('2024-01-01') TO ('2024-07-01')",
                "CREATE TABLE post_2 PARTITION OF post FOR VALUES FROM ('2024-07-01') TO ('2025-01-01')",
                "CREATE TABLE post_tag (post_id int, day date, tag text, \"old\" int, PRIMARY KEY (post_id, day, tag))",
                "INSERT INTO post SELECT n, date '2024-01-01' + n % 300, ARRAY['a', 'b' || n], n % 5 = 0, n"
                        + " FROM generate_series(1, 500) n");
        fill("""
                fill:
                  from: post
                  into: post_tag
                  where: NOT hidden
                  set: { post_id: id, day: day, tag: unnest(tags), old: new }
                  dual_write: trigger
                """);

        db.execute(
                "UPDATE post SET tags = ARRAY['c', 'b' || id] WHERE id % 3 = 0",
                "UPDATE post SET hidden = NOT hidden WHERE id % 4 = 0",
                "UPDATE post SET id = id + 1000 WHERE id % 7 = 0",
                "UPDATE post SET id = id + 2000, tags = ARRAY['z'] WHERE id % 17 = 0",
                "UPDATE post SET day = '2024-12-31' WHERE id % 11 = 0",
                "DELETE FROM post WHERE id % 13 = 0",
                "INSERT INTO post VALUES (9000, '2024-03-03', '{x,y}', false, 1)");

        String made = "SELECT id, day, unnest(tags), new FROM post WHERE NOT hidden";
        String there = "SELECT post_id, day, tag, old FROM post_tag";
        assertThat(db.number("SELECT count(*) FROM (" + made + " EXCEPT " + there + ") AS missing"))
                .isZero();
        assertThat(db.number("SELECT count(*) FROM (" + there + " EXCEPT " + made + ") AS extra"))
                .isZero();

        db.execute(
                "INSERT INTO post VALUES (9100, '2024-03-03', '{q}', true, 1)",
                "INSERT INTO post_tag VALUES (9100, '2024-03-03', 'own', 1)",
                "UPDATE post SET tags = '{r}' WHERE id = 9100",
                "DELETE FROM post WHERE id = 9100");
        assertThat(db.text("SELECT tag FROM post_tag WHERE post_id = 9100"))
                .as("what has the key of a row that was never carried over is not taken away")
                .isEqualTo("own");
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();
    }

    @Test
    void its_expressions_mean_the_same_whatever_the_applications_session_says() throws Exception {
        db.execute(
                "CREATE TABLE seen (id int PRIMARY KEY, at timestamptz NOT NULL)",
                "CREATE TABLE days (id int PRIMARY KEY, day text)",
                "CREATE TABLE shift (hours int)",
                "INSERT INTO shift VALUES (0)",
                "CREATE FUNCTION day_of(at timestamptz) RETURNS text LANGUAGE sql"
                        + " AS 'SELECT (at + make_interval(hours => hours))::date::text FROM shift'");
        fill("fill: { from: seen, into: days, set: { id: id, day: day_of(at) }, dual_write: trigger }\n");

        try (Connection c = db.connect();
                Statement s = c.createStatement()) {
            s.execute("SET TimeZone = 'Asia/Tokyo'");
            s.execute("CREATE TEMPORARY TABLE days (id int, day text)");
            s.execute("CREATE TEMPORARY TABLE shift AS SELECT 240 AS hours");
            s.execute("INSERT INTO seen VALUES (1, '2024-01-01 20:00:00Z')");
        }
        assertThat(db.text("SELECT day FROM days"))
                .as("the second of January has begun in Tokyo")
                .isEqualTo("2024-01-01");
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();
    }
}
