package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How many times as long commits take as before the run. */
class CommitTimesTest {
    private static final Limits LIMITS = new Limits(
            "commit time", Limits.Unit.TIMES, 2, 3, Duration.ofMillis(50), CommitTimes.memory(Duration.ofMillis(50)));

    private final CommitTimes times = new CommitTimes(LIMITS, Duration.ofSeconds(2));

    private Reading took(int commits, double ms) {
        for (int i = 0; i < commits; i++) {
            times.took(ms, false);
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
            times.took(i % 15 == 0 ? 30 : 2, false);
        }
        assertThat(times.reading().value()).isEqualTo(1);
    }

    @Test
    void a_stall_counts_as_often_as_commits_were_meant_during_it() {
        took(100, 2);
        times.took(190, false);
        assertThat(times.reading().value()).as("less than a fifth of a second").isEqualTo(1);
        took(100, 2);
        times.took(500, false);
        // Those that were meant 50, 100, 150 and 200 ms after it began waited so much less.
        assertThat(times.reading().value()).isCloseTo(300 / 2.0, offset(1e-9));
        assertThat(took(99, 2).value()).as("it is over").isEqualTo(1);
    }

    @Test
    void what_is_quicker_than_half_a_millisecond_is_not_felt() {
        took(100, 0.1);
        assertThat(took(100, 0.49).value()).isEqualTo(1);
        assertThat(took(100, 0.7).value()).isCloseTo(1.4, offset(1e-9));
        assertThat(times.calm()).isTrue();
        assertThat(took(100, 0.8).value()).isCloseTo(1.6, offset(1e-9));
        assertThat(times.calm()).as("more of them are to tell").isFalse();
        assertThat(took(100, 11).value()).isEqualTo(22);
    }

    @Test
    void commits_that_are_cut_off_before_they_can_come_to_their_limit_tell_nothing() {
        assertThat(took(100, 700).missing())
                .startsWith("they take 700 ms without the run, and are cut off at 2000 ms")
                .contains("take a lower limit");
    }

    /** What a commit takes beside a run of a speed, in milliseconds. */
    private interface Log {
        double commit(double speed, SplittableRandom random);
    }

    /** The speeds of ten minutes without a ceiling, two in a second, none where it waits. */
    private List<Double> speeds(Log log) {
        SplittableRandom random = new SplittableRandom(7);
        Throttler throttler = new Throttler(List.of(LIMITS), Duration.ofMinutes(10), 0);
        for (int i = 0; i < 100; i++) {
            times.took(log.commit(0, random), false);
        }
        List<Double> speeds = new ArrayList<>();
        double speed = Throttler.FIRST;
        for (int i = 0; i < 1_200; i++) {
            for (int commit = 0; commit < 10; commit++) {
                times.took(log.commit(speed, random), false);
            }
            long now = Duration.ofMillis(500).multipliedBy(i + 1).toNanos();
            throttler.read(LIMITS, times.reading(), now);
            Decision decision = throttler.decide(null, speed, now);
            Long allowed = decision.speed();
            speed = decision.waits() ? 0 : allowed == null ? 80_000 : Math.min(80_000, allowed);
            speeds.add(speed);
        }
        return speeds.subList(240, speeds.size());
    }

    private static double mean(List<Double> speeds) {
        return speeds.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    /** Of the commits so many wait for a batch as its speed says: from 5 % on, at 20,000 rows/s, too many. */
    @Test
    void where_all_is_well_up_to_a_speed_the_run_stays_below_it_and_goes_past_it_little_and_seldom() {
        List<Double> speeds =
                speeds((speed, random) -> random.nextDouble() < speed / 400_000 ? 10 * random.nextDouble() : 0.4);

        assertThat(mean(speeds)).as("rows a second of 20,000").isBetween(9_000.0, 20_000.0);
        assertThat(speeds.stream().filter(speed -> speed == 0))
                .as("waits, of 960 looks")
                .hasSizeLessThan(80);
        assertThat(speeds.stream().filter(speed -> speed > 20_000))
                .as("looks at which it was too fast")
                .hasSizeLessThan(30);
        assertThat(speeds).allMatch(speed -> speed < 30_000);
    }

    /** The nearer to 20,000 rows/s, the longer a commit takes: at 10,000 twice as long as before. */
    @Test
    void where_commits_become_slower_little_by_little_the_run_settles_and_does_not_swing() {
        List<Double> speeds = speeds((speed, random) -> {
            double free = Math.max(0.02, 1 - speed / 20_000);
            return (0.4 + 0.2 * random.nextDouble()) / free;
        });

        // It does not grow from half as long again on, at 6,700 rows/s.
        assertThat(speeds).allMatch(speed -> speed > 4_000 && speed < 10_000);
        assertThat(mean(speeds)).isBetween(6_000.0, 8_500.0);
    }
}
