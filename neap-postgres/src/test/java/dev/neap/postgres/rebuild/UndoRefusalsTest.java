package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.UndoRefusal;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each reason for which a partition is not put back: nothing is changed then, and no write of the application fails. */
class UndoRefusalsTest {
    private final PostgresServer server = PostgresServer.newest();

    private Ledger rebuilt(String database) {
        Ledger ledger = new Ledger(server, database).withRows(300);
        ledger.run(Probe.NONE);
        return ledger;
    }

    private static void refuses(Ledger ledger, UndoRefusal why, String partition) {
        String rows = ledger.text("SELECT md5(string_agg(l::text, '|' ORDER BY day, id)) FROM ledger l");
        assertThat(ledger.engine().undoPlan(UndoTest.all()).refused())
                .extracting(unit -> unit.undoable().refusal())
                .contains(why);
        assertThatThrownBy(() -> UndoTest.undo(ledger, UndoTest.all(), Probe.NONE))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.USAGE))
                .hasMessageContaining(partition + ": " + why.words("").replaceAll("; .*", ""));
        assertThat(ledger.text("SELECT md5(string_agg(l::text, '|' ORDER BY day, id)) FROM ledger l"))
                .isEqualTo(rows);
        assertThat(ledger.number("SELECT count(*) FROM neap.run")).isEqualTo(1);
    }

    @Test
    void more_writes_than_are_recorded_refuse_it_and_never_fail() {
        Ledger ledger = new Ledger(server, "refuse_overflow").withRows(300);
        ledger.run(Ledger.FORGETFUL, Probe.NONE);
        server.execute(
                ledger.database,
                "UPDATE ledger SET note = 'since' WHERE day = '2026-01-03'",
                "UPDATE ledger SET note = 'since ' || id WHERE day = '2026-01-03'",
                "DELETE FROM ledger WHERE id = 2");

        refuses(ledger, UndoRefusal.OVERFLOWED, "public.ledger_3");
        assertThat(ledger.number("SELECT count(*) FROM neap.undo_1")).isLessThanOrEqualTo(200);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note LIKE 'since %'"))
                .isEqualTo(299);
    }

    @Test
    void a_write_after_the_recording_ended_refuses_it() {
        Ledger ledger = rebuilt("refuse_lapsed");
        server.execute(
                ledger.database,
                "SELECT setval('neap.undo_until_1', 1)",
                "UPDATE ledger SET note = 'since' WHERE id = 2");

        refuses(ledger, UndoRefusal.LAPSED, "public.ledger_3");
        server.execute(ledger.database, "SELECT neap.keep_undo(1, 100000)");
        assertThat(ledger.engine().undoPlan(UndoTest.all()).refused())
                .as("for ever, whatever becomes of the switch")
                .hasSize(1);
    }

    @Test
    void a_write_that_escapes_while_it_is_put_back_refuses_it() {
        Ledger ledger = rebuilt("refuse_late");
        Once once = new Once(
                Point.BEFORE_SWAP,
                () -> server.execute(
                        ledger.database,
                        "SELECT setval('neap.undo_until_1', 1)",
                        "UPDATE ledger SET note = 'since' WHERE id = 2",
                        "SELECT setval('neap.undo_until_1', extract(epoch FROM now())::bigint + 1000)"));

        RunResult result = UndoTest.undo(ledger, UndoTest.of(1, "ledger_3"), once);

        assertThat(once.did()).isTrue();
        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.FAILED);
        assertThat(result.causes()).singleElement().asString().contains(UndoRefusal.OVERFLOWED.label());
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2 AND note = 'since'"))
                .isEqualTo(1);
    }

    @Test
    void a_truncated_partition() {
        Ledger ledger = rebuilt("refuse_truncated");
        server.execute(ledger.database, "TRUNCATE ledger_2");

        refuses(ledger, UndoRefusal.TRUNCATED, "public.ledger_2");
    }

    @Test
    void an_old_partition_that_is_gone() {
        Ledger ledger = rebuilt("refuse_gone");
        server.execute(
                ledger.database, "DROP TABLE neap_kept_1.ledger_2", "UPDATE ledger SET note = 'since' WHERE id = 2");

        refuses(ledger, UndoRefusal.KEPT_GONE, "public.ledger_2");
    }

    @Test
    void an_old_partition_whose_time_is_over() {
        Ledger ledger = rebuilt("refuse_over");
        server.execute(ledger.database, "UPDATE neap.unit SET kept_until = now() WHERE id = 1");

        refuses(ledger, UndoRefusal.TIME_OVER, "public.ledger_3");
    }

    @Test
    void a_live_partition_that_is_gone() {
        Ledger ledger = rebuilt("refuse_live");
        server.execute(ledger.database, "ALTER TABLE ledger DETACH PARTITION ledger_2");

        refuses(ledger, UndoRefusal.LIVE_GONE, "public.ledger_2");
    }

    @Test
    void triggers_that_were_dropped() {
        Ledger ledger = rebuilt("refuse_triggers");
        server.execute(ledger.database, "ALTER TABLE ledger_3 DISABLE TRIGGER neap_undo_1");

        refuses(ledger, UndoRefusal.STOPPED_RECORDING, "public.ledger_3");
    }

    @Test
    void a_column_added_since_refuses_it_until_the_old_one_has_it_too() {
        Ledger ledger = rebuilt("refuse_column");
        server.execute(
                ledger.database,
                "ALTER TABLE ledger ADD COLUMN more int DEFAULT 3",
                "CREATE INDEX ON ledger (note)",
                "UPDATE ledger SET more = 4 WHERE id = 2");

        refuses(ledger, UndoRefusal.CHANGED, "public.ledger_3");
        for (String partition : List.of("ledger_1", "ledger_2", "ledger_3", "ledger_rest")) {
            server.execute(ledger.database, "ALTER TABLE neap_kept_1." + partition + " ADD COLUMN more int DEFAULT 3");
        }
        RunResult result = UndoTest.undo(ledger, UndoTest.all(), Probe.NONE);

        assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT sum(more) FROM ledger")).isEqualTo(900 * 3 + 1);
        assertThat(ledger.number(
                        "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE '%(note)%'"
                                + " AND tablename LIKE 'ledger__'"))
                .as("an index that was added since is built")
                .isEqualTo(3);
    }

    @Test
    void a_foreign_key_that_came_to_the_table() {
        Ledger ledger = rebuilt("refuse_inbound");
        server.execute(
                ledger.database, "CREATE TABLE child (day date, id bigint, FOREIGN KEY (day, id) REFERENCES ledger)");

        RunResult result = UndoTest.undo(ledger, UndoTest.all(), Probe.NONE);

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.FAILED);
        assertThat(result.causes()).hasSize(4).allMatch(cause -> cause.contains(UndoRefusal.NO_SWAP.label()));
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2")).isEqualTo(900);
    }

    @Test
    void rows_that_reference_what_is_gone() {
        Ledger ledger = new Ledger(server, "refuse_references").withRows(300);
        Backfill moved = ledger.other("to-two", Map.of("account", "2"), "account = 2", Duration.ofDays(1));
        Engine engine = ledger.engine();
        engine.run(engine.plan(moved), RunListener.SILENT, new Stop());
        server.execute(ledger.database, "DELETE FROM account WHERE id = 7");

        RunResult result = UndoTest.undo(ledger, UndoTest.of(1, "ledger_1"), Probe.NONE);

        assertThat(result.causes()).singleElement().asString().contains(UndoRefusal.REFERENCES.label());
        server.execute(ledger.database, "DELETE FROM account WHERE id = 8", "INSERT INTO account VALUES (7), (8)");
        assertThat(UndoTest.undo(ledger, UndoTest.of(1), Probe.NONE).outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger_1 WHERE account <> 2"))
                .isEqualTo(294);
    }

    @Test
    void nothing_is_recorded_where_nothing_is_kept() {
        Ledger ledger = new Ledger(server, "refuse_unkept").withRows(300);
        Backfill unkept = ledger.other("fix-amount", Map.of("form", "2"), "form = 2", Duration.ZERO);
        Engine engine = ledger.engine();
        engine.run(engine.plan(unkept), RunListener.SILENT, new Stop());
        assertThat(ledger.number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'neap%'"))
                .isZero();
        server.execute(ledger.database, "UPDATE neap.unit SET kept_until = now() + interval '1 day'");

        refuses(ledger, UndoRefusal.NOT_RECORDED, "public.ledger_1");
    }

    @Test
    void a_role_that_does_not_see_what_others_do() {
        Ledger ledger = rebuilt("refuse_blind");
        server.execute(
                ledger.database, "DROP ROLE IF EXISTS sees_little", "CREATE ROLE sees_little LOGIN IN ROLE postgres");
        Engine engine = new Neap(
                new PostgresDialect(), server.target(ledger.database, "sees_little"), Ledger.QUICK, Probe.NONE);

        assertThatThrownBy(() -> engine.undoPlan(UndoTest.all()))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.USAGE))
                .hasMessageContaining("sees_little may not see what other sessions do")
                .hasMessageContaining("GRANT pg_read_all_stats TO sees_little");
        server.execute(ledger.database, "GRANT pg_read_all_stats TO sees_little");
        assertThat(engine.undoPlan(UndoTest.all()).refused()).isEmpty();
    }
}
