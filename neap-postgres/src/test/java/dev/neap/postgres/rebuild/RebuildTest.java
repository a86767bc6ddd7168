package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.testkit.PostgresServer;
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
    }
}
