package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How many times as long commits take as before the run. */
class CommitTimesTest {
    private static final Limits LIMITS =
            new Limits("commit time", Limits.Unit.TIMES, 2, 3, Duration.ofMillis(50), Duration.ZERO);

    private final CommitTimes times = new CommitTimes(LIMITS, Duration.ofSeconds(2));

    private Reading took(int commits, double ms) {
        for (int i = 0; i < commits; i++) {
            times.took(ms);
        }
        return times.reading();
    }

    @Test
    void without_a_hundred_from_before_there_is_no_value() {
        assertThat(took(99, 4).missing())
                .isEqualTo("how long commits take without the run is measured, 99 of 100 times");
        assertThat(times.calm()).isFalse();
        assertThat(took(1, 4)).isEqualTo(Reading.of(1, "one in twenty (now 4.0 ms, before the run 4.0 ms)"));
        assertThat(times.calm()).isTrue();
    }

    @Test
    void one_in_twenty_that_is_slow_counts_and_fewer_do_not() {
        took(100, 4);
        assertThat(took(4, 20).value()).isEqualTo(1);
        assertThat(took(1, 20)).isEqualTo(Reading.of(5, "one in twenty (now 20.0 ms, before the run 4.0 ms)"));
        assertThat(took(95, 4).value()).as("they are among the last hundred").isEqualTo(5);
        assertThat(took(1, 4).value()).isEqualTo(1);
    }

    @Test
    void a_tail_that_was_there_before_the_run_is_no_reason() {
        for (int i = 0; i < 1_000; i++) {
            times.took(i % 15 == 0 ? 30 : 2);
        }
        assertThat(times.reading().value()).isEqualTo(1);
    }

    @Test
    void a_stall_counts_as_often_as_commits_were_meant_during_it() {
        took(100, 2);
        times.took(190);
        assertThat(times.reading().value()).as("less than a fifth of a second").isEqualTo(1);
        took(100, 2);
        times.took(500);
        // Those that were meant 50, 100, 150 and 200 ms after it began waited so much less.
        assertThat(times.reading().value()).isCloseTo(300 / 2.0, offset(1e-9));
        assertThat(took(99, 2).value()).as("it is over").isEqualTo(1);
    }

    @Test
    void what_is_quicker_than_a_millisecond_is_not_felt() {
        took(100, 0.3);
        assertThat(took(100, 0.99).value()).isEqualTo(1);
        assertThat(took(100, 1.4).value()).isCloseTo(1.4, offset(1e-9));
        assertThat(times.calm()).isTrue();
        assertThat(took(100, 1.6).value()).isCloseTo(1.6, offset(1e-9));
        assertThat(times.calm()).as("more of them are to tell").isFalse();
        assertThat(took(100, 22).value()).isEqualTo(22);
    }

    @Test
    void commits_that_are_cut_off_before_they_can_come_to_their_limit_tell_nothing() {
        assertThat(took(100, 700).missing())
                .startsWith("they take 700 ms without the run, and are cut off at 2000 ms")
                .contains("take a lower limit");
    }

    /** Of the commits so many wait for a batch as its speed says: from 5 % on, at 20,000 rows/s, too many. */
    @Test
    void the_run_finds_a_speed_at_which_few_commits_wait_and_stays_near_it() {
        SplittableRandom random = new SplittableRandom(7);
        Throttler throttler = new Throttler(List.of(LIMITS), Duration.ofMinutes(10), 0);
        took(100, 0.4);
        double rows = 0;
        double speed = Throttler.FIRST;
        int waits = 0;
        for (int i = 0; i < 1_200; i++) {
            for (int commit = 0; commit < 10; commit++) {
                times.took(random.nextDouble() < speed / 400_000 ? 10 * random.nextDouble() : 0.4);
            }
            long now = Duration.ofMillis(500).multipliedBy(i + 1).toNanos();
            throttler.read(LIMITS, times.reading(), now);
            Decision decision = throttler.decide(null, speed, now);
            Long allowed = decision.speed();
            speed = decision.waits() ? 0 : allowed == null ? 80_000 : Math.min(80_000, allowed);
            waits += decision.waits() ? 1 : 0;
            rows += speed / 2;
        }
        assertThat(rows / 600).as("rows a second of 20,000").isBetween(8_000.0, 20_000.0);
        assertThat(waits).as("of 1,200 looks").isLessThan(180);
    }
}
