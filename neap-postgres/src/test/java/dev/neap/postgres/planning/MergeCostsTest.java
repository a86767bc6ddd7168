package dev.neap.postgres.planning;

import static dev.neap.postgres.planning.Planning.declared;
import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.plan.Plan;
import dev.neap.testkit.PostgresServer;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of a swap and a merge writes less log, as the plan says and as it then is. */
class MergeCostsTest {
    private static final double FACTOR = 2;

    @ParameterizedTest
    @CsvSource({"customer < 40, a merge is the lighter", "customer >= 0, a swap is the lighter"})
    void the_lighter_way_is_named_and_log_comes_within_twice(String changed, String lighter) throws SQLException {
        Planning database = new Planning(PostgresServer.newest(), "merge_costs");
        database.execute(EstimatedTables.of("plain"));
        database.execute("VACUUM t_1, t_2");
        Backfill swapping = declared("t")
                .set("note", "upper(note)")
                .set("version", "2")
                .alreadyRight("version = 2 OR NOT (" + changed + ")")
                .backfill();
        Backfill merging = swapping.with(swapping.rebuild().with(Cutover.MERGE));
        Plan plan = database.plan(merging);
        assertThat(plan.refused()).as(plan.findings().toString()).isFalse();
        assertThat(Planning.named(plan, "cutover").get(0).what()).contains(lighter);
        assertThat(Planning.named(database.plan(swapping), "cutover").get(0).what())
                .contains(lighter);

        EstimateTest.Took took = EstimateTest.run(database, plan);

        assertThat(took.keptBytes()).isZero();
        assertThat((double) plan.estimate().walBytes())
                .as("estimated %,d, were %,d", plan.estimate().walBytes(), took.walBytes())
                .isBetween(took.walBytes() / FACTOR, took.walBytes() * FACTOR);
    }
}
