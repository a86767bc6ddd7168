package dev.neap.postgres.signals;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How fast a count grows. */
class GrowthTest {
    private static final long SECOND = 1_000_000_000L;

    private final Growth growth = new Growth();

    @Test
    void a_steady_growth_is_known_after_ten_seconds_and_never_said_to_be_more_before() {
        assertThat(growth.perSecond(7_000, 0)).isZero();
        for (int second = 1; second <= 10; second++) {
            assertThat(growth.perSecond(7_000 + 100 * second, second * SECOND)).isEqualTo(10.0 * second);
        }
        for (int second = 11; second < 100; second++) {
            assertThat(growth.perSecond(7_000 + 100 * second, second * SECOND)).isBetween(99.9, 100.1);
        }
    }

    @Test
    void a_peak_counts_a_tenth_and_is_forgotten() {
        growth.perSecond(0, 0);
        assertThat(growth.perSecond(500, SECOND)).isEqualTo(50);
        assertThat(growth.perSecond(500, 8 * SECOND)).isEqualTo(50);
        growth.perSecond(500, 15 * SECOND);
        assertThat(growth.perSecond(500, 20 * SECOND)).isZero();
    }

    @Test
    void looks_that_come_late_count_by_the_time_between_them() {
        growth.perSecond(0, 0);
        assertThat(growth.perSecond(6_000, 60 * SECOND)).isEqualTo(100);
    }

    @Test
    void a_count_that_was_set_back_begins_anew() {
        growth.perSecond(9_000, 0);
        assertThat(growth.perSecond(10, SECOND)).isZero();
        assertThat(growth.perSecond(110, 2 * SECOND)).isEqualTo(10);
    }
}
