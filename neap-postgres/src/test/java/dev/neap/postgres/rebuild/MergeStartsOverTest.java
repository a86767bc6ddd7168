package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.testkit.PostgresServer;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What makes the shadow void when a part of it has been merged; nothing is transformed twice. Unit 1 is ledger_3. */
class MergeStartsOverTest {
    private static void startsOver(String database, Point where, String... sql) {
        Ledger ledger = new Ledger(PostgresServer.newest(), database).withRows(3_000);
        Once once = new Once(where, () -> ledger.server.execute(ledger.database, sql));

        Merges.done(ledger, Merges.merging(ledger), once);

        assertThat(once.did()).isTrue();
        assertThat(ledger.events.toString()).contains("back to the beginning");
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE amount NOT IN (id * 100, 700)"))
                .isZero();
    }

    @Test
    void capture_that_somebody_dropped_in_the_middle_of_a_merge_transforms_nothing_twice() {
        startsOver(
                "merge_uncaptured",
                Point.AFTER_MERGE_BATCH,
                "DROP TRIGGER neap_capture_1 ON ledger_3",
                "UPDATE ledger SET amount = 7, form = 1 WHERE day = '2026-01-03' AND id IN (2, 8996)");
    }

    @Test
    void a_truncate_in_the_middle_of_a_merge_sends_the_unit_back() {
        startsOver(
                "merge_truncate",
                Point.AFTER_MERGE_BATCH,
                "TRUNCATE ledger_3",
                "INSERT INTO ledger VALUES ('2026-01-03', 2, 1, 7, 1, 'after')");
    }

    @Test
    void a_server_that_crashes_in_the_middle_of_a_merge_has_emptied_the_shadow_and_it_is_made_anew() {
        try (PostgresServer fragile = PostgresServer.start(18, Map.of("fsync", "on"))) {
            Ledger ledger = new Ledger(fragile, "merge_crash").withRows(3_000);
            Once once = new Once(Point.AFTER_MERGE_BATCH, () -> {
                fragile.kill();
                fragile.start();
            });

            Merges.done(ledger, Merges.merging(ledger), once);

            assertThat(once.did()).isTrue();
            assertThat(ledger.events.toString())
                    .contains("the server crashed, and the shadow of a merge is not logged");
            assertThat(ledger.number("SELECT count(*) FROM ledger WHERE amount <> id * 100"))
                    .isZero();
        }
    }
}
