package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BreakerTest {
    private final Breaker breaker = new Breaker(0.0001);

    @Test
    void one_bad_row_never_trips_it_and_two_do_where_nothing_is_allowed() {
        Breaker strict = new Breaker(0);
        assertThat(strict.trips(1, 1)).isEmpty();
        assertThat(strict.trips(2, 1_000_000))
                .isEqualTo("2 rows could not be written, more than 0 % of the rows so far");
    }

    @Test
    void up_to_its_budget_of_a_hundred_thousand_rows_they_may_be_among_the_first() {
        for (int bad = 1; bad <= 10; bad++) {
            assertThat(breaker.trips(bad, bad * 10L)).as("bad row %s", bad).isEmpty();
        }
        assertThat(breaker.trips(11, 110))
                .isEqualTo("11 rows could not be written, more than 0.01 % of the rows so far");
    }

    @Test
    void a_long_good_run_does_not_pay_for_a_bad_stretch() {
        long rows = 1_000_000_000;
        for (int bad = 1; bad <= 10; bad++) {
            assertThat(breaker.trips(bad, rows + bad)).isEmpty();
        }
        assertThat(breaker.trips(11, rows + 11))
                .isEqualTo("11 of the last 100,000 rows could not be written, more than 0.01 %");
    }

    @Test
    void bad_rows_here_and_there_are_what_the_budget_is_for() {
        for (int bad = 1; bad <= 1_000; bad++) {
            assertThat(breaker.trips(bad, bad * 11_000L)).as("bad row %s", bad).isEmpty();
        }
    }

    @Test
    void what_earlier_processes_set_aside_counts_for_the_run() {
        assertThat(breaker.trips(99, 1_000_000)).isEmpty();
        assertThat(breaker.trips(101, 1_000_000)).contains("so far");
    }
}
