package dev.neap.postgres.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Pace;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.plan.Estimate;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CostsTest {
    private static final Costs.Log LOG = new Costs.Log(true, true, 300);
    private static final Sizes.SortMemory MEMORY = new Sizes.SortMemory(64 << 20, Long.MAX_VALUE);

    @ParameterizedTest
    @CsvSource({
        // rows, rate, batch rows, batch pause in ms, seconds: the last batch is not waited for
        "500,    500,  1000,    0,    0",
        "1000,   500,  1000,    0,    1",
        "10000,  500,  1000,    0,   19",
        "10000,  500,   100,    0,  19.8",
        "10000, 5000,  1000,    0,  1.8",
        "10000, 5000,  1000, 1000, 10.8",
    })
    void loading_takes_what_the_ceiling_and_the_pauses_ask_for(
            long rows, long rate, int batchRows, long pauseMs, double seconds) {
        Pace pace = new Pace(new RowsPerSecond(rate), Duration.ZERO, Duration.ofMillis(pauseMs));

        Duration loading = Costs.loading(live(rows), 0, pace, batchRows);

        assertThat(loading.toMillis() / 1000.0).isBetween(seconds - 0.001, seconds + 0.02);
    }

    @Test
    void pauses_stand_between_units_and_not_after_the_last() {
        Pace pace = new Pace(null, Duration.ofSeconds(30), Duration.ZERO);

        assertThat(Costs.run(List.of(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3)), pace))
                .isEqualTo(Duration.ofSeconds(66));
        assertThat(Costs.run(List.of(), pace)).isZero();
    }

    @Test
    void an_index_is_never_taken_to_grow_over_the_live_one() {
        assertThat(Sizes.index(new Sizes.Index("btree", 16, 1_000_000), 100_000))
                .isEqualTo(1_000_000);
        assertThat(Sizes.index(new Sizes.Index("btree", 16, 9_000_000), 100_000))
                .isBetween(3_000_000L, 3_300_000L);
        assertThat(Sizes.index(new Sizes.Index("gin", -1, 9_000_000), 100_000)).isEqualTo(9_000_000);
    }

    @Test
    void a_sort_takes_disk_only_where_memory_does_not_do() {
        assertThat(Sizes.sort(live(100_000), 5_000_000, MEMORY)).isZero();
        assertThat(Sizes.sort(live(10_000_000), 500_000_000, MEMORY)).isEqualTo(280_000_000);
        assertThat(Sizes.sort(live(300_000), 16_000_000, new Sizes.SortMemory(64 << 20, 8 << 20)))
                .isEqualTo(8_400_000);
    }

    @Test
    void a_billion_rows_in_a_hundred_thousand_units_add_up() {
        Estimate estimate =
                Estimates.of(Collections.nCopies(100_000, live(10_000)), 64, LOG, MEMORY, Pace.unlimited(), 1_000);

        assertThat(estimate.rows()).isEqualTo(1_000_000_000);
        assertThat(estimate.walBytes()).isPositive();
        assertThat(estimate.duration()).isPositive();
    }

    @Test
    void an_empty_partition_takes_next_to_nothing() {
        Estimate estimate = Estimates.of(List.of(live(0)), -1, LOG, MEMORY, Pace.unlimited(), 1_000);

        assertThat(estimate.shadowBytes()).isZero();
        assertThat(estimate.duration()).isLessThan(Duration.ofSeconds(2));
    }

    private static Sizes.Live live(long rows) {
        return new Sizes.Live(rows, rows * 60, rows * 40, 0, 0, 100, List.of(new Sizes.Index("btree", 16, rows * 40)));
    }
}
