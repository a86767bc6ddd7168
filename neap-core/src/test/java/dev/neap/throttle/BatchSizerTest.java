package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BatchSizerTest {
    private static final Duration TARGET = Duration.ofMillis(200);

    private static Duration at(double rowsPerSecond, int rows) {
        return Duration.ofNanos((long) (rows / rowsPerSecond * 1e9));
    }

    @Test
    void it_finds_the_size_that_takes_the_target_and_stays_there() {
        SplittableRandom random = new SplittableRandom(1);
        BatchSizer sizer = new BatchSizer(TARGET, 1_000_000, BatchSizer.FIRST);
        for (int i = 0; i < 60; i++) {
            sizer.took(sizer.size(), at(50_000 * (0.9 + 0.2 * random.nextDouble()), sizer.size()));
        }

        // 50,000 rows/s make 10,000 in 200 ms; with noise it stays between the room it leaves and the target.
        for (int i = 0; i < 100; i++) {
            assertThat(sizer.size()).isBetween(7_000, 11_200);
            sizer.took(sizer.size(), at(50_000 * (0.9 + 0.2 * random.nextDouble()), sizer.size()));
        }
    }

    @Test
    void one_overshoot_is_enough_to_cut() {
        BatchSizer sizer = new BatchSizer(TARGET, 1_000_000, BatchSizer.FIRST);
        for (int i = 0; i < 40; i++) {
            sizer.took(sizer.size(), at(50_000, sizer.size()));
        }
        int before = sizer.size();
        sizer.took(before, TARGET.multipliedBy(4));

        assertThat(sizer.size()).isEqualTo(before / 4);
    }

    @Test
    void one_fast_batch_is_not_enough_to_grow() {
        BatchSizer sizer = new BatchSizer(TARGET, 1_000_000, BatchSizer.FIRST);
        sizer.took(sizer.size(), Duration.ofMillis(1));
        assertThat(sizer.size()).isEqualTo(500);
        sizer.took(sizer.size(), Duration.ofMillis(1));
        assertThat(sizer.size()).isEqualTo(750);
    }

    @Test
    void it_keeps_its_bounds_and_comes_up_again_from_one() {
        BatchSizer sizer = new BatchSizer(TARGET, 1_000, BatchSizer.FIRST);
        for (int i = 0; i < 20; i++) {
            sizer.failed();
        }
        assertThat(sizer.size()).isEqualTo(1);
        for (int i = 0; i < 100; i++) {
            sizer.took(sizer.size(), Duration.ofMillis(1));
        }
        assertThat(sizer.size()).isEqualTo(1_000);
    }

    @Test
    void it_goes_on_where_another_had_come_to_within_its_own_bounds() {
        assertThat(new BatchSizer(TARGET, 1_000_000, 8_000).size()).isEqualTo(8_000);
        assertThat(new BatchSizer(TARGET, 1_000, 8_000).size()).isEqualTo(1_000);
    }

    @Test
    void a_batch_without_rows_says_nothing() {
        BatchSizer sizer = new BatchSizer(TARGET, 1_000, BatchSizer.FIRST);
        for (int i = 0; i < 10; i++) {
            sizer.took(0, Duration.ofSeconds(5));
        }
        assertThat(sizer.size()).isEqualTo(500);
    }
}
