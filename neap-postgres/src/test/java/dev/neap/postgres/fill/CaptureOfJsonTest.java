package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.plan.Plan;
import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a `json` column takes, capture takes too: nobody's write fails for it. */
class CaptureOfJsonTest {
    private static final String FILL = "fill: { from: legacy, into: modern, set: { id: id, name: name } }\n";

    @Test
    void texts_that_are_no_jsonb_make_no_write_of_the_application_fail() throws Exception {
        PostgresServer server = PostgresServer.newest();
        try (FillDatabase db = FillDatabase.create(server)) {
            server.execute(
                    db.name(),
                    "CREATE TABLE legacy (id int PRIMARY KEY, name text, data json)",
                    "CREATE TABLE modern (id int PRIMARY KEY, name text)",
                    "INSERT INTO legacy SELECT n, 'x', '{\"a\":\"\\u0000\",\"b\":1e500000}' FROM generate_series(1, 3000) n",
                    "ANALYZE legacy");
            Plan plan = db.neap(Probe.NONE).plan(db.backfill(FILL));
            assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
            AtomicInteger wrote = new AtomicInteger();
            RunResult result = db.neap(point -> {
                        if (point == Point.AFTER_FILL_BATCH && wrote.getAndIncrement() == 0) {
                            server.execute(
                                    db.name(),
                                    "UPDATE legacy SET name = 'y' WHERE id IN (1, 2900)",
                                    "UPDATE modern SET name = 'y' WHERE id IN (1, 2900)",
                                    "UPDATE legacy SET id = -3 WHERE id = 3",
                                    "UPDATE modern SET id = -3 WHERE id = 3",
                                    "DELETE FROM legacy WHERE id IN (2, 2901)",
                                    "DELETE FROM modern WHERE id IN (2, 2901)");
                        }
                    })
                    .run(plan, RunListener.SILENT, new Stop());

            assertThat(wrote.get()).isPositive();
            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(
                            db.number(
                                    "SELECT count(*) FROM legacy l FULL JOIN modern m USING (id) WHERE l.name IS DISTINCT FROM m.name"))
                    .isZero();
            assertThat(db.number("SELECT count(*) FROM modern")).isEqualTo(2_998);
        }
    }
}
