package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Throttle;
import dev.neap.dialect.Leftover;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Plan;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.run.UndoPlan;
import dev.neap.run.UndoRequest;
import dev.neap.testkit.CatalogDescription;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Old partitions back, and every write since with them. */
class UndoTest {

    private final PostgresServer server = PostgresServer.newest();

    static UndoRequest all() {
        return new UndoRequest(0, "fix-amount", List.of(), List.of(), false, Throttle.NONE);
    }

    static UndoRequest of(long run, String... partitions) {
        return new UndoRequest(run, null, List.of(partitions), List.of(), false, Throttle.NONE);
    }

    static RunResult undo(Ledger ledger, UndoRequest request, Probe probe) {
        Engine engine = ledger.engine(probe);
        UndoPlan plan = engine.undoPlan(request);
        RunListener listener = ledger.events::add;
        return engine.undo(request, plan, listener, new Stop());
    }

    private static List<String> table(Ledger ledger) {
        try (Connection c = ledger.server.connect(ledger.database)) {
            return CatalogDescription.ofTable(c, "public.ledger");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void rows_and_catalog_are_as_before_but_for_the_writes_since(int major) {
        Ledger ledger = new Ledger(PostgresServer.of(major), "undo_all").withRows(2_000);
        List<String> catalog = table(ledger);
        ledger.run(Probe.NONE);
        ledger.server.execute(
                ledger.database,
                "UPDATE ledger SET amount = 7, note = 'since' WHERE id = 9",
                "DELETE FROM ledger WHERE id = 12",
                "UPDATE ledger SET id = 900001, note = 'since' WHERE id = 15",
                "UPDATE ledger SET day = '2026-01-03', note = 'since' WHERE id = 18",
                "INSERT INTO ledger VALUES ('2026-01-02', 900002, 1, 9, 2, 'since')",
                "INSERT INTO ledger VALUES ('2026-01-02', 900003, 1, 9, 2, 'since'); DELETE FROM ledger WHERE id = 900003");
        String since = "SELECT md5(string_agg(l::text, '|' ORDER BY id)) AS n FROM ledger l WHERE note LIKE 'since%'";
        String before = ledger.text(since);

        RunResult result = undo(ledger, all(), Probe.NONE);

        assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(result.done()).isEqualTo(4);
        assertThat(result.rows())
                .as("rows carried over, not how many more there are")
                .isEqualTo(9);
        assertThat(ledger.events)
                .as("signals are those that it was asked to heed")
                .noneMatch(event -> event instanceof RunEvent.SpeedChanged);
        assertThat(table(ledger).stream()
                        .filter(line -> !line.contains("neap_undo_"))
                        .toList())
                .isEqualTo(catalog);
        assertThat(ledger.text(since)).isEqualTo(before);
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(6_000);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note NOT LIKE 'since%'"
                        + " AND (form <> 1 OR amount <> id OR note <> 'n' || id)"))
                .isZero();
        assertThat(ledger.number("SELECT count(*) FROM neap.unit WHERE run_id = 1 AND state = 'undone'"))
                .isEqualTo(4);
        assertThat(ledger.number("SELECT count(*) FROM neap_kept_2.ledger_3")).isEqualTo(2_001);
    }

    @Test
    void a_parent_row_may_be_deleted_with_its_child_while_the_old_partition_has_its_foreign_key() {
        Ledger ledger = new Ledger(server, "undo_parent").withRows(500);
        ledger.run(Probe.NONE);
        Once once = new Once(
                Point.BEFORE_SWAP,
                () -> server.execute(
                        ledger.database,
                        "BEGIN; DELETE FROM ledger WHERE account = 1; DELETE FROM account WHERE id = 1; COMMIT"));

        RunResult result = undo(ledger, all(), once);

        assertThat(once.did()).isTrue();
        assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE account = 1"))
                .isZero();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 1")).isEqualTo(1_470);
    }

    @Test
    void an_index_that_is_made_while_the_catalog_is_read_is_not_lost() {
        Ledger ledger = new Ledger(server, "undo_read").withRows(500);
        ledger.run(Probe.NONE);
        AtomicReference<CompletableFuture<Void>> made = new AtomicReference<>();

        RunResult result = undo(
                ledger,
                of(1, "ledger_3"),
                new Once(
                        Point.BEFORE_SHADOW,
                        () -> made.set(HeldUp.changeBeforeTheShadow(
                                ledger, 5, "CREATE INDEX made_meanwhile ON ledger_3 (note)"))));

        made.get().join();
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"
                        + " AND tablename = 'ledger_3' AND indexdef LIKE '%(note)%'"))
                .isEqualTo(1);
    }

    @Test
    void rows_that_moved_between_an_undone_and_a_rebuilt_partition_neither_vanish_nor_double() {
        Ledger ledger = new Ledger(server, "undo_moved").withRows(500);
        ledger.run(Probe.NONE);
        server.execute(
                ledger.database,
                "UPDATE ledger SET day = '2026-01-01' WHERE day = '2026-01-02' AND id = 1",
                "UPDATE ledger SET day = '2026-01-02' WHERE day = '2026-01-01' AND id = 3");

        RunResult result = undo(
                ledger,
                of(1, "ledger_2"),
                new Once(
                        Point.AFTER_DRAIN,
                        () -> server.execute(
                                ledger.database,
                                "UPDATE ledger SET day = '2026-01-03' WHERE day = '2026-01-02' AND id = 4",
                                "UPDATE ledger SET day = '2026-01-02' WHERE day = '2026-01-03' AND id = 2")));

        assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(result.done()).isEqualTo(1);
        assertThat(ledger.number("SELECT count(DISTINCT id) FROM ledger")).isEqualTo(1_500);
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(1_500);
        assertThat(
                        ledger.text(
                                "SELECT string_agg(id || ' ' || day || ' ' || form, ', ' ORDER BY id) FROM ledger WHERE id < 5"))
                .isEqualTo("1 2026-01-01 2, 2 2026-01-02 2, 3 2026-01-02 2, 4 2026-01-03 2");
        assertThat(ledger.number("SELECT count(*) FROM ledger_2 WHERE form = 1"))
                .isEqualTo(498);
        assertThat(ledger.number(
                        "SELECT count(*) FROM ledger WHERE amount <> id * CASE form WHEN 1 THEN 1 ELSE 100 END"))
                .isZero();
    }

    @Test
    void while_a_process_is_at_the_run_undo_is_held() {
        Ledger ledger = new Ledger(server, "undo_held").withRows(100);
        AtomicReference<String> said = new AtomicReference<>("");
        ledger.run(new Once(Point.AFTER_SETTLE, () -> {
            try {
                ledger.engine().undoPlan(all());
            } catch (NeapException e) {
                said.set(e.kind() + " " + e.getMessage());
            }
        }));

        assertThat(said.get()).startsWith("HELD a process is at run 1; stop it first with `neap stop fix-amount`");
    }

    private static void stopAfterTheFirstSwap(Ledger ledger) {
        Stop stop = new Stop();
        Engine engine = ledger.engine(new Once(Point.AFTER_SWAP, () -> stop.request("after the first swap")));
        assertThat(engine.run(engine.plan(ledger.backfill()), RunListener.SILENT, stop)
                        .outcome())
                .isEqualTo(RunResult.Outcome.STOPPED);
    }

    @Test
    void a_run_that_is_not_finished_is_given_up_and_what_it_replaced_is_put_back() {
        Ledger ledger = new Ledger(server, "undo_unfinished").withRows(500);
        stopAfterTheFirstSwap(ledger);
        server.execute(
                ledger.database,
                "UPDATE ledger SET day = '2026-01-03' WHERE day = '2026-01-01' AND id = 3",
                "UPDATE ledger SET day = '2026-01-01' WHERE day = '2026-01-03' AND id = 2");
        assertThatThrownBy(() -> ledger.engine().undoPlan(of(1, "ledger_3")))
                .hasMessageContaining("run 1 is not finished, so single partitions of it cannot be undone");

        RunResult result = undo(ledger, all(), Probe.NONE);

        assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(result.done()).isEqualTo(1);
        assertThat(ledger.text("SELECT state FROM neap.run WHERE id = 1")).isEqualTo("abandoned");
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(1_500);
        assertThat(ledger.number("SELECT count(DISTINCT id) FROM ledger")).isEqualTo(1_500);
        assertThat(ledger.text("SELECT string_agg(id || ' ' || form, ', ') FROM ledger WHERE form <> 1"))
                .as("it had been rebuilt, and moved")
                .isEqualTo("2 2");
        assertThat(ledger.number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'neap_capture%' AND tgrelid ="
                        + " 'ledger_3'::regclass"))
                .isZero();
    }

    @Test
    void an_undo_that_was_stopped_goes_on_and_then_nothing_is_left() {
        Ledger ledger = new Ledger(server, "undo_stopped").withRows(500);
        ledger.run(Probe.NONE);
        Stop stop = new Stop();
        Engine engine = ledger.engine(new Once(Point.AFTER_SWAP, () -> stop.request("after the first")));
        RunResult first = engine.undo(all(), engine.undoPlan(all()), RunListener.SILENT, stop);
        assertThat(first.outcome()).isEqualTo(RunResult.Outcome.STOPPED);
        assertThatThrownBy(() -> ledger.run(Probe.NONE)).hasMessageContaining("run 2 puts back what run 1 rebuilt");

        RunResult second = undo(ledger, all(), Probe.NONE);

        assertThat(second.outcome()).as(second.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(second.runId()).isEqualTo(first.runId());
        assertThat(second.done()).isEqualTo(4);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 1")).isEqualTo(1_500);
        assertThat(ledger.engine().undoPlan(all()).units()).isEmpty();
    }

    @Test
    void what_an_undo_that_was_begun_needs_is_not_cleaned_up_although_its_time_is_over() {
        Ledger ledger = new Ledger(server, "undo_cleaned").withRows(500);
        ledger.run(Probe.NONE);
        Stop stop = new Stop();
        Engine engine = ledger.engine(new Once(Point.AFTER_SWAP, () -> stop.request("after the first")));
        engine.undo(all(), engine.undoPlan(all()), RunListener.SILENT, stop);
        server.execute(
                ledger.database,
                "UPDATE neap.unit SET kept_until = clock_timestamp() - interval '1 hour' WHERE run_id = 1",
                "UPDATE ledger SET note = 'since' WHERE id % 50 = 0");

        List<String> dropped = engine.cleanup().stream().map(Leftover::name).toList();
        RunResult result = undo(ledger, all(), Probe.NONE);

        assertThat(dropped).noneMatch(name -> name.startsWith("neap_kept_1") || name.startsWith("neap.undo_"));
        assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(result.done()).isEqualTo(4);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note = 'since'"))
                .isEqualTo(30);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note <> 'since' AND (form <> 1 OR amount <> id)"))
                .isZero();
    }

    @Test
    void a_run_after_an_undo_is_refused_until_somebody_says_again() {
        Ledger ledger = new Ledger(server, "undo_again").withRows(300);
        ledger.run(Probe.NONE);
        undo(ledger, of(1, "ledger_1"), Probe.NONE);

        assertThatThrownBy(() -> ledger.run(Probe.NONE))
                .hasMessageContaining("1 partitions that this file had rebuilt were put back by `neap undo`")
                .hasMessageContaining("--again");
        assertThat(ledger.engine().again(ledger.backfill())).isEqualTo(1);
        RunResult again = ledger.run(Probe.NONE);

        assertThat(again.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(again.done()).isEqualTo(1);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR amount <> id * 100"))
                .isZero();
        assertThat(ledger.run(Probe.NONE).done()).as("all are done by now").isZero();
    }

    @Test
    void an_undo_is_undone() {
        Ledger ledger = new Ledger(server, "undo_undone").withRows(300);
        ledger.run(Probe.NONE);
        server.execute(ledger.database, "UPDATE ledger SET note = 'since 1' WHERE id = 4");
        undo(ledger, all(), Probe.NONE);
        server.execute(
                ledger.database,
                "UPDATE ledger SET note = 'since 2' WHERE id = 5",
                "DELETE FROM ledger WHERE id = 6",
                "INSERT INTO ledger VALUES ('2026-01-02', 900001, 1, 9, 1, 'since 2')");

        RunResult result = undo(ledger, of(2), Probe.NONE);

        assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(900);
        assertThat(ledger.text("SELECT string_agg(id || ' ' || form || ' ' || note, ', ' ORDER BY id) FROM ledger"
                        + " WHERE form <> 2 OR note LIKE 'since%'"))
                .isEqualTo("4 2 since 1, 5 1 since 2, 900001 1 since 2");
        assertThat(ledger.run(Probe.NONE).done()).as("rebuilt they are").isZero();
    }

    @Test
    void the_last_run_is_undone_before_the_one_before_it() {
        Ledger ledger = new Ledger(server, "undo_both").withRows(300);
        ledger.run(Probe.NONE);
        server.execute(ledger.database, "UPDATE ledger SET form = 1, amount = id, note = 'back' WHERE id = 4");
        Engine engine = ledger.engine();
        Plan plan = engine.plan(ledger.otherBackfill());
        assertThat(engine.run(plan, RunListener.SILENT, new Stop()).outcome()).isEqualTo(RunResult.Outcome.DONE);
        server.execute(ledger.database, "UPDATE ledger SET note = 'since' WHERE id IN (5, 6)");
        assertThatThrownBy(() -> undo(ledger, all(), Probe.NONE)).hasMessageContaining("replaced since");

        undo(ledger, of(2), Probe.NONE);
        RunResult result = undo(ledger, all(), Probe.NONE);

        assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.text(
                        "SELECT string_agg(id || ' ' || form || ' ' || amount::bigint || ' ' || note, ', ' ORDER BY id)"
                                + " FROM ledger WHERE form <> 1 OR note <> 'n' || id OR amount <> id"))
                .isEqualTo("4 1 4 back, 5 2 500 since, 6 2 600 since");
    }
}
