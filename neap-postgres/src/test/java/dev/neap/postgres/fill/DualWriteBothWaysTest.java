package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.verify.VerifyRequest;
import dev.neap.verify.VerifyRequest.Fix;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Triggers that stand in for the application each way, or in a ring: what they and Neap itself write comes back to nobody. */
class DualWriteBothWaysTest {
    private static final String THERE = "fill: { from: old, into: person, set: { id: id, first: upper(name) } }\n";
    private static final String BACK =
            "fill: { from: person, into: old, set: { id: id, name: lower(first) }, dual_write: trigger }\n";

    private FillDatabase db;

    @BeforeEach
    void create() throws SQLException {
        db = FillDatabase.create();
        db.execute(
                "CREATE TABLE old (id int PRIMARY KEY, name text NOT NULL)",
                "CREATE TABLE person (id int PRIMARY KEY, first text)",
                "INSERT INTO old SELECT n, 'Ada ' || n FROM generate_series(1, 100) n");
    }

    @AfterEach
    void drop() throws SQLException {
        db.close();
    }

    private void fill(String name, String file) {
        fill(name, file, Probe.NONE);
    }

    private void fill(String name, String file, Probe probe) {
        assertThat(db.run(db.backfillNamed(name, file), 1, probe).outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    @Test
    void one_each_way_end_after_one_step() throws Exception {
        fill("there", THERE.replace(" } }", " }, dual_write: trigger }"));
        db.execute("INSERT INTO person VALUES (9000, 'eVe')");
        fill("back", BACK);
        assertThat(db.text("SELECT o.name || ' ' || p.first FROM old o JOIN person p USING (id) WHERE id = 9000"))
                .as("what the second fill writes, the first one's trigger leaves alone")
                .isEqualTo("eve eVe");
        assertThat(db.text("SELECT name FROM old WHERE id = 1"))
                .as("what the second fill met it has kept")
                .isEqualTo("Ada 1");

        db.execute("UPDATE old SET name = 'Bob' WHERE id = 1", "UPDATE person SET first = 'CID' WHERE id = 2");
        db.execute("INSERT INTO person VALUES (9001, 'EVE')", "DELETE FROM old WHERE id = 3");

        assertThat(db.text("SELECT o.name || ' ' || p.first FROM old o JOIN person p USING (id) WHERE id = 1"))
                .isEqualTo("Bob BOB");
        assertThat(db.text("SELECT o.name || ' ' || p.first FROM old o JOIN person p USING (id) WHERE id = 2"))
                .isEqualTo("cid CID");
        db.execute(
                "BEGIN; UPDATE old SET name = 'Dan' WHERE id = 4; UPDATE person SET first = 'FAY' WHERE id = 4; COMMIT");
        assertThat(db.text("SELECT o.name || ' ' || p.first FROM old o JOIN person p USING (id) WHERE id = 4"))
                .as("both in one transaction")
                .isEqualTo("fay FAY");
        assertThat(db.text("SELECT name FROM old WHERE id = 9001")).isEqualTo("eve");
        assertThat(db.number("SELECT count(*) FROM person WHERE id = 3")).isZero();
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();
    }

    private static final String EACH_WAY = """
            fill:
              - { from: old, into: person, set: { id: id, first: upper(name) }, dual_write: trigger }
              - { from: person, into: old, set: { id: id, name: lower(first) }, dual_write: trigger }
            """;

    @Test
    void one_file_says_both_ways_and_each_place_follows_the_other_from_the_start_of_the_run() throws Exception {
        db.execute("INSERT INTO person VALUES (9000, 'EVE')");
        AtomicInteger begun = new AtomicInteger();
        fill("both", EACH_WAY, point -> {
            if (point == Point.AFTER_FILL && begun.incrementAndGet() == 1) {
                write("UPDATE person SET first = 'CID' WHERE id = 2");
                write("UPDATE old SET name = 'Bob' WHERE id = 1");
                write("DELETE FROM person WHERE id = 3");
            }
        });

        assertThat(db.text("SELECT o.name || ' ' || p.first FROM old o JOIN person p USING (id) WHERE id = 1"))
                .isEqualTo("Bob BOB");
        assertThat(db.text("SELECT o.name || ' ' || p.first FROM old o JOIN person p USING (id) WHERE id = 2"))
                .as("written in the target while the walked table is filled from")
                .isEqualTo("cid CID");
        assertThat(db.number("SELECT count(*) FROM old WHERE id = 3")).isZero();
        assertThat(db.text("SELECT name FROM old WHERE id = 9000"))
                .as("what was there alone before the run")
                .isEqualTo("eve");
        db.execute("UPDATE old SET name = 'Dan' WHERE id = 4", "UPDATE person SET first = 'FAY' WHERE id = 5");
        assertThat(db.text("SELECT string_agg(name || ' ' || first, ', ' ORDER BY id) FROM old JOIN person USING (id)"
                        + " WHERE id IN (4, 5)"))
                .as("after the run")
                .isEqualTo("Dan DAN, fay FAY");
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();

        assertThat(db.neap(Probe.NONE).endDualWrite("both")).hasSize(2);
        assertThat(db.number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'neap%'"))
                .isZero();
    }

    @Test
    void a_plan_shows_the_trigger_of_a_table_that_is_empty_until_the_first_entry_fills_it() {
        assertThat(db.plan(EACH_WAY).steps())
                .extracting(Plan.StepSql::step)
                .contains("dual write, public.person", "dual write, public.old")
                .doesNotContain("fill, public.old");
    }

    @Test
    void both_ways_in_one_file_without_triggers_are_refused_with_what_to_do() throws Exception {
        assertThat(db.plan(EACH_WAY.replace(", dual_write: trigger", "")).findings().stream()
                        .filter(finding -> finding.check().equals("table-order"))
                        .map(Finding::fix))
                .singleElement()
                .asString()
                .startsWith("say dual_write: trigger in both entries");
    }

    /** As a dump restores them: the tables are others then, of the same names. */
    @Test
    void a_trigger_that_was_restored_from_a_dump_makes_no_loop_with_a_newer_one() throws Exception {
        fill("there", THERE.replace(" } }", " }, dual_write: trigger }"));
        String trigger = db.text("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'neap_dual_1'");
        db.execute("CREATE TABLE dump AS TABLE old", "DROP TABLE old, person");
        db.execute(
                "CREATE TABLE old (id int PRIMARY KEY, name text NOT NULL)",
                "CREATE TABLE person (id int PRIMARY KEY, first text)",
                "INSERT INTO old TABLE dump",
                trigger);
        fill("back", BACK);

        db.execute("UPDATE old SET name = 'Bob' WHERE id = 1");

        assertThat(db.text("SELECT o.name || ' ' || p.first FROM old o JOIN person p USING (id) WHERE id = 1"))
                .isEqualTo("Bob BOB");
        fill("there", THERE.replace(" } }", " }, dual_write: trigger }"));
        assertThat(db.text("SELECT string_agg(tgname, ' ' ORDER BY tgname) FROM pg_trigger"
                        + " WHERE tgname ~ '^neap_dual_[0-9]+$'"))
                .as("a later run puts its own in the place of a restored one, too")
                .isEqualTo("neap_dual_2 neap_dual_3");
    }

    @Test
    void three_in_a_ring_end_where_they_began() throws Exception {
        db.execute("CREATE TABLE nick (id int PRIMARY KEY, nick text)");
        fill("a", "fill: { from: old, into: person, set: { id: id, first: name || 'a' }, dual_write: trigger }\n");
        fill("b", "fill: { from: person, into: nick, set: { id: id, nick: first || 'b' }, dual_write: trigger }\n");
        fill("c", "fill: { from: nick, into: old, set: { id: id, name: nick || 'c' }, dual_write: trigger }\n");

        db.execute("UPDATE old SET name = 'Bob' WHERE id = 1");

        assertThat(db.text(
                        "SELECT name || ' ' || first || ' ' || nick FROM old JOIN person USING (id) JOIN nick USING (id)"
                                + " WHERE id = 1"))
                .isEqualTo("Bob Boba Bobab");
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();
    }

    @Test
    void what_a_run_reconciles_the_trigger_that_is_on_the_other_way_leaves_alone() throws Exception {
        fill("back", BACK);
        fill("there", THERE, point -> {
            if (point == Point.AFTER_FILL) {
                write("UPDATE old SET name = 'Bob' WHERE id = 1");
            }
        });

        assertThat(db.text("SELECT o.name || ' ' || p.first FROM old o JOIN person p USING (id) WHERE id = 1"))
                .isEqualTo("Bob BOB");
    }

    @Test
    void what_a_verification_mends_it_leaves_alone_too() throws Exception {
        fill("back", BACK);
        fill("test", THERE);
        db.execute(
                "ALTER TABLE person DISABLE TRIGGER USER",
                "DELETE FROM person WHERE id = 5",
                "ALTER TABLE person ENABLE TRIGGER USER");

        db.verify(THERE, VerifyRequest.everyRow(Fix.MEND));

        assertThat(db.text("SELECT o.name || ' ' || p.first FROM old o JOIN person p USING (id) WHERE id = 5"))
                .isEqualTo("Ada 5 ADA 5");
    }

    private void write(String sql) {
        try {
            db.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
