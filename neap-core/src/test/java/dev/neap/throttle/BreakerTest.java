package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BreakerTest {
    private final Breaker breaker = new Breaker(0.0001);

    /** Each event is one error. */
    private String trips(long errors, long rows) {
        return breaker.trips(errors, errors, rows);
    }

    @Test
    void one_event_never_trips_it_however_much_it_costs_and_two_do_where_nothing_is_allowed() {
        Breaker strict = new Breaker(0);
        assertThat(strict.trips(1, 1, 1)).isEmpty();
        assertThat(strict.trips(1, 5_000, 10_000)).isEmpty();
        assertThat(strict.trips(2, 5_001, 1_000_000)).isEqualTo("more than 0 % of the rows so far");
    }

    @Test
    void up_to_its_budget_of_a_hundred_thousand_rows_they_may_be_among_the_first() {
        for (int bad = 1; bad <= 10; bad++) {
            assertThat(trips(bad, bad * 10L)).as("error %s", bad).isEmpty();
        }
        assertThat(trips(11, 110)).isEqualTo("more than 0.01 % of the rows so far");
    }

    @Test
    void a_long_good_run_does_not_pay_for_a_bad_stretch() {
        long rows = 1_000_000_000;
        for (int bad = 1; bad <= 10; bad++) {
            assertThat(trips(bad, rows + bad)).isEmpty();
        }
        assertThat(trips(11, rows + 11)).isEqualTo("more than 0.01 % of the last 100,000 rows");
    }

    @Test
    void bad_rows_here_and_there_are_what_the_budget_is_for() {
        for (int bad = 1; bad <= 1_000; bad++) {
            assertThat(trips(bad, bad * 11_000L)).as("error %s", bad).isEmpty();
        }
    }

    @Test
    void what_earlier_processes_met_counts_for_the_run() {
        assertThat(trips(99, 1_000_000)).isEmpty();
        assertThat(trips(101, 1_000_000)).contains("so far");
    }

    @Test
    void what_is_mended_meanwhile_takes_nothing_of_it_any_more() {
        assertThat(trips(10, 100)).isEmpty();
        assertThat(trips(0, 100)).isEmpty();
        assertThat(trips(10, 1_000_000)).isEmpty();
    }
}
