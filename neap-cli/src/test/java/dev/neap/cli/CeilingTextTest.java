package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.RowsPerSecond;
import dev.neap.plan.Estimate;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CeilingTextTest {
    @Test
    void a_billion_rows_at_the_ceiling_of_prod_cost_weeks_and_it_says_what_raising_it_risks() {
        Estimate estimate = new Estimate(1_000_000_000L, 0, 0, 0, 2_000_000_000_000L, 0, Duration.ofDays(24));

        assertThat(CeilingText.of(new RowsPerSecond(500), estimate))
                .containsExactly(
                        "the ceiling costs 23.1 days; 5,000 rows/s would cost 2.3 days",
                        "raising it risks replicas that fall behind (now up to 977 kB of WAL a second), a slower"
                                + " application, and longer waits for row locks");
    }
}
