package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.plan.Plan;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * From the last drain to the swap each change is in the shadow with the transaction that made it, or, where that cannot
 * be, is recorded and drained. Rows 1, 2, 3 and so on lie in partitions by turns, so three in a row are in whichever is
 * first.
 */
class TurnOverTest {
    private static final String DAY = "date '2026-01-01' + (%1$d %% 3)";

    private final PostgresServer server = PostgresServer.newest();

    private static RunResult run(Ledger ledger, Probe probe) {
        RunResult result = ledger.run(probe);
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR amount <> id * 100"))
                .isZero();
        return result;
    }

    /** Changes that are recorded, of the unit whose changes are applied. */
    private static long recorded(Ledger ledger) {
        String unit = ledger.text("SELECT substring(proname FROM '[0-9]+$') FROM pg_proc"
                + " WHERE proname ~ '^(capture|undo)_[0-9]+$' AND prosrc LIKE '%pg_visible_in_snapshot%'");
        return ledger.number("SELECT count(*) FROM neap.changes_" + unit);
    }

    private static void execute(Connection c, String... statements) {
        try (Statement s = c.createStatement()) {
            for (String statement : statements) {
                s.execute(statement);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String where(int id) {
        return " WHERE day = " + DAY.formatted(id) + " AND id = " + id;
    }

    private static String insert(int id) {
        return "INSERT INTO ledger VALUES (" + DAY.formatted(id) + ", " + id + ", 1, " + id + ", 1, 'new')";
    }

    private static List<String> each(int from, java.util.function.IntFunction<String> statement) {
        List<String> all = new ArrayList<>();
        for (int id = from; id < from + 3; id++) {
            all.add(statement.apply(id));
        }
        return all;
    }

    private void write(Ledger ledger, List<String> statements) {
        server.execute(ledger.database, statements.toArray(String[]::new));
    }

    @Test
    void changes_are_in_the_shadow_at_once_and_nothing_is_left_to_drain() {
        Ledger ledger = new Ledger(server, "turned_at_once").withRows(100);
        Once once = new Once(Point.LAST_DRAIN_COMMITTED, () -> {
            write(ledger, each(1, id -> "UPDATE ledger SET note = 'changed'" + where(id)));
            write(ledger, each(4, id -> "DELETE FROM ledger" + where(id)));
            write(ledger, each(1_000, TurnOverTest::insert));
            write(ledger, each(7, id -> "UPDATE ledger SET id = id + 3000, amount = amount + 3000" + where(id)));
            write(ledger, each(10, id -> "UPDATE ledger SET day = date '2026-01-01' + (id + 1)::int % 3" + where(id)));
            assertThat(recorded(ledger)).isZero();
        });

        run(ledger, once);

        assertThat(once.did()).isTrue();
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(300);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note = 'changed'"))
                .isEqualTo(3);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE id IN (4, 5, 6, 7, 8, 9)"))
                .isZero();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE id IN (1000, 1001, 1002, 3007, 3008, 3009)"))
                .isEqualTo(6);
    }

    /** Its DELETE does not see what the last drain put into the shadow: it would miss it in silence. */
    @ParameterizedTest
    @ValueSource(strings = {"REPEATABLE READ", "SERIALIZABLE"})
    void a_snapshot_from_before_the_last_drain_brings_nothing_back(String isolation) throws Exception {
        Ledger ledger = new Ledger(server, "turned_snapshot").withRows(100);
        try (Connection old = server.connect(ledger.database)) {
            Once before = new Once(Point.BEFORE_TURN_OVER, () -> {
                write(ledger, each(1_000, TurnOverTest::insert));
                write(ledger, each(1_010, TurnOverTest::insert));
                write(ledger, each(1, id -> "UPDATE ledger SET note = 'drained'" + where(id)));
                write(ledger, each(4, id -> "UPDATE ledger SET note = 'drained'" + where(id)));
                execute(old, "BEGIN ISOLATION LEVEL " + isolation + "; SELECT 1 FROM account");
            });
            Once after = new Once(Point.LAST_DRAIN_COMMITTED, () -> {
                List<String> recordable = new ArrayList<>(each(1_000, id -> "DELETE FROM ledger" + where(id)));
                recordable.addAll(each(1, id -> "DELETE FROM ledger" + where(id)));
                recordable.addAll(each(4, id -> "UPDATE ledger SET note = 'last'" + where(id)));
                recordable.addAll(each(1_010, id -> "UPDATE ledger SET note = 'last'" + where(id)));
                execute(old, recordable.toArray(String[]::new));
                List<String> applied = new ArrayList<>(each(7, id -> "DELETE FROM ledger" + where(id)));
                applied.addAll(each(2_000, TurnOverTest::insert));
                execute(old, applied.toArray(String[]::new));
                execute(old, "COMMIT");
                assertThat(recorded(ledger))
                        .as("only what was drained just now")
                        .isEqualTo(4);
            });

            run(ledger, point -> {
                before.at(point);
                after.at(point);
            });

            assertThat(after.did()).isTrue();
        }
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(300);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE id IN (1, 2, 3, 7, 8, 9, 1000, 1001, 1002)"))
                .isZero();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note = 'last'"))
                .isEqualTo(6);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE id IN (2000, 2001, 2002)"))
                .isEqualTo(3);
    }

    /** More than a turn-over drains under its lock: it goes back to recording, and drains as before. */
    @Test
    void a_snapshot_from_before_the_load_is_recorded_and_drained_as_before_when_it_is_much() throws Exception {
        Ledger ledger = new Ledger(server, "turned_back").withRows(1_500);
        AtomicInteger drains = new AtomicInteger();
        try (Connection old = server.connect(ledger.database)) {
            Once before = new Once(
                    Point.AFTER_CAPTURE,
                    () -> execute(old, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM account"));
            Once after = new Once(Point.LAST_DRAIN_COMMITTED, () -> {
                drains.set(0);
                execute(old, "DELETE FROM ledger WHERE id < 10", "UPDATE ledger SET note = 'old'", "COMMIT");
                assertThat(recorded(ledger)).isEqualTo(1_500);
            });

            run(ledger, point -> {
                before.at(point);
                after.at(point);
                if (point == Point.BEFORE_DRAIN_COMMIT) {
                    drains.incrementAndGet();
                }
            });

            assertThat(after.did()).isTrue();
        }
        assertThat(drains.get()).isPositive();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note = 'old'"))
                .isEqualTo(4_491);
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(4_491);
    }

    @Test
    void a_row_that_cannot_be_recomputed_fails_no_write() {
        Ledger ledger = new Ledger(server, "turned_overflow").withRows(100);
        server.execute(ledger.database, "INSERT INTO account VALUES (900, 'goes')");
        write(ledger, each(1, id -> "UPDATE ledger SET account = 900" + where(id)));
        Once once = new Once(Point.LAST_DRAIN_COMMITTED, () -> {
            write(ledger, each(1, id -> "UPDATE ledger SET amount = 9999999999, account = 1" + where(id)));
            assertThat(recorded(ledger)).isEqualTo(1);
            // What the shadow has of the row from before must not hold on to what it referenced.
            server.execute(ledger.database, "DELETE FROM account WHERE id = 900");
            // A write after it, in a transaction of its own, and the end of what could not be.
            write(ledger, each(4, id -> "UPDATE ledger SET note = 'changed'" + where(id)));
            write(ledger, each(1, id -> "UPDATE ledger SET amount = id" + where(id)));
            assertThat(recorded(ledger)).isEqualTo(1);
        });

        run(ledger, once);

        assertThat(once.did()).isTrue();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note = 'changed'"))
                .isEqualTo(3);
    }

    @Test
    void an_expression_means_what_it_means_to_neap_whatever_the_applications_settings() throws SQLException {
        Ledger ledger = new Ledger(server, "turned_settings").withRows(100);
        server.execute(
                ledger.database,
                "CREATE FUNCTION public.shout(n bigint) RETURNS text LANGUAGE sql STABLE"
                        + " RETURN 'at ' || to_timestamp(n * 3600) || ' ' || to_timestamp(n)::date || ' '"
                        + " || (interval '1 day 02:00' * n) || ' ' || '\\x41'::bytea || ' ' || 0.1::float8 / 3");
        Map<String, String> set = Map.of("note", "shout(id)");
        Once once = new Once(Point.LAST_DRAIN_COMMITTED, () -> {
            // All in one: the driver takes offence at a DateStyle that it hears of.
            server.execute(
                    ledger.database,
                    "BEGIN; SET LOCAL TimeZone = 'Pacific/Auckland'; SET LOCAL DateStyle = 'SQL, DMY';"
                            + " SET LOCAL IntervalStyle = 'iso_8601'; SET LOCAL bytea_output = 'escape';"
                            + " SET LOCAL extra_float_digits = -3; SET LOCAL search_path = pg_catalog; "
                            + String.join("; ", each(1, id -> "UPDATE public.ledger SET account = 9" + where(id)))
                            + "; COMMIT");
            assertThat(recorded(ledger)).isZero();
        });
        Engine engine = ledger.engine(once);
        Plan plan = engine.plan(ledger.other("shout", set, "note LIKE 'at %'", Duration.ZERO));
        assertThat(plan.refused()).as(plan.findings().toString()).isFalse();

        RunResult result = engine.run(plan, ledger.events::add, new Stop());

        assertThat(once.did()).isTrue();
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        try (Connection c = server.connect(ledger.database);
                Statement s = c.createStatement()) {
            s.execute("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'");
            try (var rs = s.executeQuery("SELECT count(*) FROM ledger WHERE note <> shout(id)")) {
                rs.next();
                assertThat(rs.getLong(1)).isZero();
            }
        }
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE account = 9 AND id < 4"))
                .isEqualTo(3);
    }

    /** What is checked at COMMIT, where nothing can be caught, is checked before; and it is state that is applied. */
    @Test
    void deferrable_constraints_fail_no_commit_and_keys_may_be_exchanged() {
        Ledger ledger = new Ledger(server, "turned_deferred").withRows(100);
        server.execute(
                ledger.database,
                "ALTER TABLE ledger DROP CONSTRAINT ledger_pkey, DROP CONSTRAINT ledger_account_fkey",
                "ALTER TABLE ledger ADD PRIMARY KEY (day, id) DEFERRABLE",
                "ALTER TABLE ledger ADD FOREIGN KEY (account) REFERENCES account DEFERRABLE INITIALLY DEFERRED",
                "ALTER TABLE ledger ADD UNIQUE (day, note, amount) DEFERRABLE INITIALLY DEFERRED",
                // Twice the same once it is recomputed: only a recompute that is not applied yet can tell them apart.
                "ALTER TABLE ledger ADD UNIQUE (day, form, note) DEFERRABLE INITIALLY DEFERRED");
        Once once = new Once(Point.LAST_DRAIN_COMMITTED, () -> {
            for (String day : List.of("2026-01-01", "2026-01-02", "2026-01-03")) {
                int id = 21 + Integer.parseInt(day.substring(9)) - 1;
                String exchanged = "UPDATE ledger SET id = CASE id WHEN %1$d THEN %2$d ELSE %1$d END, amount = CASE id"
                        + " WHEN %1$d THEN %2$d ELSE %1$d END WHERE day = '%3$s' AND id IN (%1$d, %2$d)";
                server.execute(ledger.database, exchanged.formatted(id, id + 3, day));
                server.execute(
                        ledger.database,
                        "BEGIN; INSERT INTO ledger VALUES ('%s', %d, 777%d, %d, 1, 'a child first');"
                                        .formatted(day, 7_000 + id, id, 7_000 + id)
                                + " INSERT INTO account VALUES (777%d, 'and then its parent'); COMMIT".formatted(id));
            }
            server.execute(
                    ledger.database,
                    "BEGIN; DELETE FROM account WHERE id = 40; DELETE FROM ledger WHERE account = 40; COMMIT");
            assertThat(recorded(ledger)).as("children first").isLessThanOrEqualTo(2);
            write(ledger, each(1, id -> "UPDATE ledger SET form = 9, note = 'twice'" + where(id)));
            long still = recorded(ledger);
            // The same in the shadow, where the form is 2, but not in the live partition.
            write(ledger, each(4, id -> "UPDATE ledger SET form = 8, note = 'twice'" + where(id)));
            assertThat(recorded(ledger)).isEqualTo(still + 1);
            write(ledger, each(1, id -> "UPDATE ledger SET form = 1, note = 'once'" + where(id)));
        });

        run(ledger, once);

        assertThat(once.did()).isTrue();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note = 'a child first'"))
                .isEqualTo(3);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE account = 40"))
                .isZero();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note = 'n' || (id - 3) AND id IN (24, 25, 26)"))
                .isEqualTo(3);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note IN ('once', 'twice')"))
                .isEqualTo(6);
    }

    @Test
    void a_truncate_sends_the_unit_back_to_its_load() {
        Ledger ledger = new Ledger(server, "turned_truncate").withRows(100);
        Once once = new Once(
                Point.LAST_DRAIN_COMMITTED,
                () -> server.execute(ledger.database, "TRUNCATE ledger_1, ledger_2, ledger_3", insert(5)));

        run(ledger, once);

        assertThat(once.did()).isTrue();
        assertThat(ledger.events.toString()).contains("back to the beginning");
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(1);
    }

    /** As after a kill: nothing drains while changes are applied, and what is applied meanwhile is there. */
    @Test
    void a_run_that_ended_after_it_goes_on_from_there() {
        Ledger ledger = new Ledger(server, "turned_resumed").withRows(100);
        Once once = new Once(Point.LAST_DRAIN_COMMITTED, () -> {
            throw new IllegalStateException("ended here");
        });
        assertThatThrownBy(() -> ledger.run(once)).hasMessageContaining("ended here");
        write(ledger, each(1, id -> "UPDATE ledger SET note = 'between'" + where(id)));
        write(ledger, each(1_000, TurnOverTest::insert));
        write(ledger, each(4, id -> "DELETE FROM ledger" + where(id)));
        assertThat(recorded(ledger)).isZero();
        List<Point> points = new ArrayList<>();

        run(ledger, points::add);

        assertThat(points.subList(0, points.indexOf(Point.AFTER_SWAP)))
                .doesNotContain(Point.BEFORE_DRAIN_COMMIT, Point.BEFORE_TURN_OVER)
                .contains(Point.LAST_DRAIN_COMMITTED);
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(300);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note = 'between'"))
                .isEqualTo(3);
    }

    @Test
    void an_undo_applies_them_as_they_stand() {
        Ledger ledger = new Ledger(server, "turned_undo").withRows(100);
        run(ledger, Probe.NONE);
        Once once = new Once(Point.LAST_DRAIN_COMMITTED, () -> {
            write(ledger, each(1, id -> "UPDATE ledger SET note = 'changed'" + where(id)));
            write(ledger, each(4, id -> "DELETE FROM ledger" + where(id)));
            write(ledger, each(1_000, TurnOverTest::insert));
            String unit = ledger.text("SELECT substring(proname FROM '[0-9]+$') FROM pg_proc"
                    + " WHERE proname ~ '^undo_[0-9]+$' AND prosrc LIKE '%pg_visible_in_snapshot%'");
            assertThat(ledger.number("SELECT count(*) FROM neap.undo_" + unit)).isZero();
        });

        RunResult result = UndoTest.undo(ledger, UndoTest.all(), once);

        assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(once.did()).isTrue();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 1 AND amount = id"))
                .isEqualTo(297);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2 AND note = 'changed'"))
                .isEqualTo(3);
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(300);
    }
}
