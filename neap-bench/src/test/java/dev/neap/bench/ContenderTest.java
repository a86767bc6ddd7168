package dev.neap.bench;

import dev.neap.dialect.Tuning;
import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is compared does the same work. */
class ContenderTest {
    @Test
    void each_way_ends_with_every_row_in_the_new_form() throws SQLException {
        EventTable table = new EventTable(6_000, 3, false);
        PostgresServer server = PostgresServer.newest();
        BenchServer.makeBase(server, table);
        for (Contender contender : List.of(
                new InsertSelect(table),
                new UsualRecipe(table),
                new BestScript(table),
                new NeapContender(1),
                new NeapContender(2))) {
            BenchServer.copyBase(server, "bench_work");
            contender.run(server, "bench_work");
            BenchServer.mustBeTrue(server, "bench_work", table.check(contender.result()));
        }
    }

    @Test
    void each_way_to_fill_ends_with_every_row() throws SQLException {
        FillBench.once(PostgresServer.newest(), 3_000, hurried());
    }

    @Test
    void each_way_to_verify_sees_that_every_row_is_right() throws SQLException, IOException {
        VerifyBench.once(PostgresServer.newest(), 3_000, hurried());
    }

    /** An application's second write is waited for no longer than that. */
    private static Tuning hurried() {
        Tuning d = Tuning.DEFAULT;
        return new Tuning(
                d.lease(),
                d.lockDeadline(),
                d.courtesy(),
                d.patience(),
                d.captureLife(),
                d.captureLimit(),
                Duration.ofMillis(100));
    }
}
