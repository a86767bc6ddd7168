package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.TcpProxy;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A batch of which nobody knows whether it was committed: the checkpoint tells, and is asked before anything is written. */
class FillFaultTest {
    private static final int ROWS = 3_000;

    @ParameterizedTest
    @CsvSource({
        "true, 'from: s, into: t, set: { id: id, n: n * 2 }'",
        "false, 'from: s, into: t, set: { id: id, n: n * 2 }'",
        "true, 'into: s, set: { n: n * 2, twice: true }, conflict: overwrite, already_right: twice'",
    })
    void a_batch_whose_commit_is_lost_on_its_way_there_or_back_is_done_once(boolean arrived, String fill)
            throws Exception {
        try (FillDatabase db = FillDatabase.create();
                TcpProxy proxy = new TcpProxy(db.port())) {
            db.execute(
                    "CREATE TABLE s (id int PRIMARY KEY, n int NOT NULL, twice boolean NOT NULL DEFAULT false)",
                    "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL)",
                    "INSERT INTO s SELECT n, n FROM generate_series(1, " + ROWS + ") n",
                    "VACUUM ANALYZE s");
            AtomicInteger batches = new AtomicInteger();
            ConnectionTarget target = new ConnectionTarget(
                    "postgresql", "localhost", proxy.port(), db.name(), PostgresServer.ADMIN, null, Map.of());
            Neap neap = new Neap(new PostgresDialect(), target, FillDatabase.SHORT, at -> {
                if (at == Point.BEFORE_FILL_COMMIT && batches.incrementAndGet() == 3) {
                    if (arrived) {
                        proxy.loseAnswerTo(FillFaultTest::commits);
                    } else {
                        proxy.loseRequest(FillFaultTest::commits);
                    }
                }
            });

            RunResult result = neap.run(
                    neap.plan(db.backfill("fill: { " + fill + " }\nbatch_rows: 500\n")),
                    1,
                    RunListener.SILENT,
                    new Stop());

            assertThat(proxy.cuts()).isEqualTo(1);
            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(result.rows()).isEqualTo(ROWS);
            assertThat(batches.get())
                    .as("batches, of which the one that was lost on its way there was done anew")
                    .isEqualTo(arrived ? ROWS / 500 : ROWS / 500 + 1);
            assertThat(db.number(
                            fill.startsWith("from")
                                    ? "SELECT count(*) FROM s JOIN t USING (id) WHERE t.n = 2 * s.n"
                                    : "SELECT count(*) FROM s WHERE n = 2 * id AND twice"))
                    .isEqualTo(ROWS);
        }
    }

    private static boolean commits(String sql) {
        return sql.strip().toUpperCase(Locale.ROOT).equals("COMMIT");
    }
}
