package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.testkit.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SIGKILL of the server in the middle of a load, whose batches do not wait for the log: they may be lost with it. */
class ServerKilledTest {
    /** A batch is saved by any commit that waits for the log, such as a heartbeat's: then it is killed once more. */
    private static final int MOST_KILLS = 8;

    /** What the unit at work has recorded, and what is there. */
    private record Loaded(long recorded, long there) {}

    private static Loaded loaded(Ledger ledger) {
        String partition = ledger.text("SELECT partition_name FROM neap.unit WHERE state = 'running'");
        return new Loaded(
                ledger.number("SELECT rows_loaded FROM neap.unit WHERE state = 'running'"),
                ledger.number("SELECT count(*) FROM neap_work_1." + partition));
    }

    /** As it was told when its transaction had committed. */
    private static long told(Ledger ledger) {
        RunEvent last = ledger.events.get(ledger.events.size() - 1);
        return ((RunEvent.RowsLoaded) last).unitRows();
    }

    @Test
    void batches_that_a_killed_server_forgot_are_loaded_again_with_what_was_written_meanwhile() throws Exception {
        try (PostgresServer server = PostgresServer.forgetful()) {
            Ledger ledger = new Ledger(server, "server_killed").withRows(10_000);
            List<Loaded> after = new ArrayList<>();
            long[] lost = new long[1];
            int[] batches = {0};

            RunResult result = ledger.run(point -> {
                if (point != Point.AFTER_LOAD_BATCH || lost[0] > 0 || after.size() == MOST_KILLS) {
                    return;
                }
                int batch = ++batches[0];
                if (batch == 1) {
                    // Waits for the log, and so for the first batch.
                    server.execute(ledger.database, "UPDATE ledger SET amount = 7 WHERE id = 2");
                } else if (batch % 2 == 0) {
                    server.execute(
                            ledger.database,
                            "SET synchronous_commit = off; UPDATE ledger SET note = 'maybe' WHERE id = 29999");
                } else {
                    long told = told(ledger);
                    server.kill();
                    server.start();
                    after.add(loaded(ledger));
                    lost[0] = told - after.get(after.size() - 1).recorded();
                }
            });

            assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(lost[0]).as("rows of batches that were lost").isPositive();
            assertThat(after.get(0).recorded()).as("what was waited for").isPositive();
            assertThat(after)
                    .as("rows and checkpoint are lost together")
                    .allMatch(loaded -> loaded.recorded() == loaded.there());
            assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(30_000);
            assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2"))
                    .isZero();
            assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = 2"))
                    .isEqualTo(700);
            assertThat(ledger.number("SELECT count(*) FROM ledger WHERE id <> 2 AND amount <> id * 100"))
                    .isZero();
        }
    }
}
