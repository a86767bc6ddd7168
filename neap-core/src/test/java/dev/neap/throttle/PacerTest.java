package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PacerTest {
    private final Pacer pacer = new Pacer();

    /** How many milliseconds are to be waited after a batch that began and ended at these. */
    private long after(long rows, @Nullable Long rate, long beganMs, long endedMs) {
        return pacer.after(rows, rate, TimeUnit.MILLISECONDS.toNanos(beganMs), TimeUnit.MILLISECONDS.toNanos(endedMs))
                .toMillis();
    }

    @Test
    void a_batch_takes_as_long_as_its_rows_may_and_no_longer_where_it_is_slow_itself() {
        assertThat(after(500, 1_000L, 0, 100)).isEqualTo(400);
        assertThat(after(500, 1_000L, 500, 1_700)).isZero();
        assertThat(after(500, 1_000L, 1_700, 1_800))
                .as("what was lost is not made up for")
                .isEqualTo(400);
    }

    @Test
    void there_is_one_speed_however_many_workers() {
        assertThat(after(500, 1_000L, 0, 100)).isEqualTo(400);
        assertThat(after(500, 1_000L, 0, 100)).isEqualTo(900);
        assertThat(after(500, 1_000L, 0, 100)).isEqualTo(1_400);
        assertThat(pacer.rows()).isEqualTo(1_500);
    }

    @Test
    void a_run_that_was_held_up_does_not_burst() {
        assertThat(after(500, 1_000L, 0, 100)).isEqualTo(400);
        assertThat(after(500, 1_000L, 60_000, 60_100)).isEqualTo(400);
        assertThat(after(500, 1_000L, 60_500, 60_600)).isEqualTo(400);
    }

    @Test
    void without_a_ceiling_nothing_is_waited_for_and_one_that_comes_counts_from_then() {
        assertThat(after(1_000_000, null, 0, 100)).isZero();
        assertThat(after(500, 1_000L, 100, 200)).isEqualTo(400);
    }

    @Test
    void a_batch_is_no_larger_than_what_may_be_written_in_a_second() {
        assertThat(Pacer.batchRows(1_000, null)).isEqualTo(1_000);
        assertThat(Pacer.batchRows(1_000, 5_000L)).isEqualTo(1_000);
        assertThat(Pacer.batchRows(1_000, 200L)).isEqualTo(200);
        assertThat(Pacer.batchRows(1_000, 1L)).isEqualTo(1);
    }

    @Test
    void the_higher_of_two_ceilings_is_none_where_one_is_none() {
        assertThat(Pacer.faster(5L, 7L)).isEqualTo(7);
        assertThat(Pacer.faster(null, 7L)).isNull();
        assertThat(Pacer.faster(5L, null)).isNull();
    }
}
