package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Throttle;
import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.run.UndoRequest;
import dev.neap.testkit.PostgresServer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RebuildTest {
    @Test
    void every_partition_is_rebuilt_and_nothing_of_it_is_left_but_what_is_kept() {
        Ledger ledger = new Ledger(PostgresServer.newest(), "rebuild_all").withRows(5_000);
        long before = ledger.number("SELECT sum(amount)::bigint FROM ledger");

        RunResult result = ledger.run(Probe.NONE);

        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(result.done()).as("three days and the DEFAULT partition").isEqualTo(4);
        assertThat(ledger.number("SELECT sum(amount)::bigint FROM ledger")).isEqualTo(before * 100);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2")).isZero();
        assertThat(ledger.number("SELECT count(*) FROM neap_kept_1.ledger_1")).isEqualTo(5_000);
        assertThat(ledger.number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'neap_capture%'"))
                .isZero();
        UndoRequest undo = new UndoRequest(0, "fix-amount", List.of("ledger_1"), List.of(), false, Throttle.NONE);
        assertThat(ledger.engine().undoPlan(undo).units())
                .singleElement()
                .satisfies(unit -> assertThat((double) unit.undoable().keptBytes()
                                / ledger.number("SELECT pg_total_relation_size('neap_kept_1.ledger_1')"))
                        .as("about as large as it is")
                        .isBetween(0.7, 1.0));
    }

    @Test
    void a_partition_that_was_never_analyzed_is_loaded_in_batches_and_a_row_that_cannot_be_is_told_by_its_place() {
        Ledger ledger = new Ledger(PostgresServer.newest(), "rebuild_never_analyzed").withRows(5_000);
        ledger.server.execute(
                ledger.database,
                "UPDATE ledger SET amount = 999999999 WHERE day = '2026-01-03' AND id = 14999",
                "UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relname LIKE 'ledger%'");
        AtomicInteger batches = new AtomicInteger();

        RunResult result = ledger.run(at -> {
            if (at == Point.AFTER_LOAD_BATCH) {
                batches.incrementAndGet();
            }
        });

        assertThat(batches.get()).as("of about 1,000 rows of 15,000").isBetween(8, 20);
        assertThat(result.causes())
                .singleElement()
                .asString()
                .containsPattern(
                        "numeric field overflow.* for a row among those of \"public\"\\.\"ledger_3\" WHERE ctid >="
                                + " '\\([0-9]+,0\\)' AND ctid < '\\([0-9]+,0\\)'");
    }
}
