package dev.neap.postgres.signals;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LagClockTest {
    private static final long SECOND = 1_000_000_000L;

    private final LagClock clock = new LagClock();

    @Test
    void a_replica_is_as_far_behind_as_what_it_lacks_is_old() {
        for (int second = 0; second <= 10; second++) {
            clock.ends(100L * second, second * SECOND);
        }

        assertThat(clock.behind(1_000, 10 * SECOND)).isZero();
        assertThat(clock.behind(999, 10 * SECOND)).isZero();
        assertThat(clock.behind(700, 10 * SECOND)).isEqualTo(2);
        assertThat(clock.behind(699, 10 * SECOND)).isEqualTo(3);
    }

    @Test
    void where_nothing_is_written_nobody_falls_behind() {
        clock.ends(500, 0);
        clock.ends(500, 3_600 * SECOND);

        assertThat(clock.behind(500, 3_600 * SECOND)).isZero();
    }

    @Test
    void a_paused_replica_falls_behind_from_the_first_change_on() {
        clock.ends(500, 0);
        clock.ends(500, 60 * SECOND);
        clock.ends(501, 61 * SECOND);
        clock.ends(501, 90 * SECOND);

        assertThat(clock.behind(500, 90 * SECOND)).isEqualTo(29);
    }

    @Test
    void how_old_what_was_there_before_the_first_look_is_nobody_knows() {
        clock.ends(500, 0);

        assertThat(clock.knows(499)).isFalse();
        assertThat(clock.knows(500)).isTrue();
        assertThat(clock.behind(499, 5 * SECOND)).as("at least").isEqualTo(5);
    }

    @Test
    void its_memory_is_bounded_and_a_long_lag_stays_long() {
        for (int half = 0; half < 20_000; half++) {
            clock.ends(half, half * SECOND / 2);
        }

        assertThat(clock.behind(0, 10_000 * SECOND)).isGreaterThan(2_000);
    }
}
