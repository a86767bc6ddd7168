package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How many times as long commits take because of batches. */
class DisturbanceTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;

    private static final Limits LIMITS = new Limits(
            "disturbance", Limits.Unit.TIMES, 1 + 0.35 / 3, 1.35, Duration.ofMillis(500), Disturbance.MEMORY);

    private final Disturbance disturbance = new Disturbance();
    private final Batches batches = new Batches(0);
    private long now;

    private void took(int commits, double ms, boolean met) {
        for (int i = 0; i < commits; i++) {
            disturbance.took(ms, met);
        }
    }

    /** The value when so many milliseconds of each second were beside a batch. */
    private Reading beside(int ms) {
        for (int i = 0; i < 10; i++) {
            if (ms > 0) {
                batches.began(now);
                batches.ended(now + (ms - Batches.AFTER.toMillis()) * MS);
            }
            now += SECOND;
            disturbance.reading(LIMITS, batches, now);
        }
        return disturbance.reading(LIMITS, batches, now);
    }

    @Test
    void its_levels_can_be_told_from_its_values() {
        assertThat(LIMITS.levels()).isEqualTo("slower from 1.12 times on, waits from 1.35 times on");
        assertThat(LIMITS.words(1.104) + ", " + LIMITS.words(1.13) + ", " + LIMITS.words(10))
                .isEqualTo("1.1 times, 1.13 times, 10 times");
    }

    @Test
    void without_a_hundred_between_batches_there_is_no_value() {
        took(99, 4, false);
        assertThat(beside(100).missing())
                .isEqualTo("how long commits take between batches is measured, 99 of 100 times");
        took(1, 4, false);
        assertThat(beside(15))
                .isEqualTo(Reading.of(1, "commits by batches, one in thirty (now 4.00 ms, between batches 4.00 ms)"));
    }

    @Test
    void with_few_beside_batches_nothing_is_known_of_these_and_a_run_that_may_be_felt_does_not_grow() {
        took(100, 2, false);
        assertThat(beside(15).value()).as("less than a thirtieth").isEqualTo(1);
        took(Disturbance.ENOUGH - 1, 20, true);
        assertThat(beside(500)).isEqualTo(Reading.of(LIMITS.calm(), "commits by batches, of which 19 of 20 are known"));
        assertThat(LIMITS.room(LIMITS.calm())).isZero();
        took(1, 20, true);
        assertThat(beside(500).value()).isEqualTo(10);
    }

    @Test
    void less_than_a_thirtieth_of_the_time_is_not_felt_and_more_is() {
        took(1_000, 2, false);
        took(100, 20, true);
        assertThat(beside(15).value()).isEqualTo(1);
        assertThat(beside(40))
                .isEqualTo(Reading.of(10, "commits by batches, one in thirty (now 20.00 ms, between batches 2.00 ms)"));
        assertThat(beside(0).value()).as("nothing is written").isEqualTo(1);
    }

    @Test
    void of_those_beside_batches_so_many_count_as_there_are_in_that_time() {
        took(1_000, 2, false);
        took(90, 2, true);
        took(10, 20, true);
        // Of all commits 1 % and 4 % then.
        assertThat(beside(100).value()).isEqualTo(1);
        assertThat(beside(400).value()).isEqualTo(10);
    }

    @Test
    void what_makes_all_slower_alike_is_not_the_runs_doing() {
        took(1_000, 2, false);
        took(100, 2, true);
        took(1_000, 30, false);
        took(100, 30, true);
        assertThat(beside(400).value()).isEqualTo(1);
    }

    @Test
    void the_last_two_thousand_count_and_a_hundred_of_each_kind_however_old() {
        took(200, 2, false);
        took(200, 20, true);
        took(2_000, 2, false);
        assertThat(beside(400).value()).as("a hundred are left").isEqualTo(10);
        took(96, 2, true);
        assertThat(beside(900).value()).as("four of a hundred").isEqualTo(10);
        took(1, 2, true);
        assertThat(beside(900).value()).isEqualTo(1);
    }

    @Test
    void what_is_quicker_than_a_tenth_of_a_millisecond_is_as_long() {
        took(1_000, 0.02, false);
        took(100, 0.09, true);
        assertThat(beside(400).value()).isEqualTo(1);
        took(100, 0.12, true);
        assertThat(beside(400).value()).isCloseTo(1.2, offset(1e-9));
    }

    @Test
    void more_of_those_beside_batches_are_wanted_until_as_many_are_known() {
        took(3, 2, false);
        took(2, 2, true);
        assertThat(disturbance.wantsBeside()).isTrue();
        took(1, 2, true);
        assertThat(disturbance.wantsBeside()).isFalse();
    }

    @Test
    void a_process_that_attaches_again_has_other_batches() {
        took(100, 2, false);
        took(100, 20, true);
        assertThat(beside(900).value()).isEqualTo(10);
        Batches others = new Batches(now);
        assertThat(disturbance.reading(LIMITS, others, now + SECOND).value()).isEqualTo(1);
    }

    /** What commits take, in milliseconds. */
    private interface Log {
        double commit(boolean met, SplittableRandom random, double second);
    }

    /** Of each half second of twenty minutes the speed; a batch of a thousand rows takes 5 ms. */
    private List<Double> speeds(Log log) {
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 100; i++) {
            disturbance.took(log.commit(false, random, 0), false);
        }
        Throttler throttler = new Throttler(List.of(LIMITS), Duration.ofMinutes(10), 0);
        List<Double> speeds = new ArrayList<>();
        double speed = Throttler.FIRST;
        double due = 0;
        for (int half = 0; half < 2_400; half++) {
            for (int commit = 0; commit < 10; commit++) {
                // Of the 50 ms of each commit some are beside a batch.
                due += speed / 1_000 / 20;
                long from = now + commit * 50L * MS;
                int begun = (int) due;
                for (int i = 0; i < begun; i++) {
                    batches.began(from + i * 50L * MS / begun);
                    batches.ended(from + i * 50L * MS / begun + 5 * MS);
                }
                due -= begun;
                double share = Math.min(1, begun * 15 / 50.0);
                if (begun > 0 && disturbance.wantsBeside()) {
                    disturbance.took(log.commit(true, random, half / 2.0), true);
                }
                boolean met = random.nextDouble() < share;
                disturbance.took(log.commit(met, random, half / 2.0), met);
            }
            now += SECOND / 2;
            throttler.read(LIMITS, disturbance.reading(LIMITS, batches, now), now);
            Decision decision = throttler.decide(null, speed, now);
            Long allowed = decision.speed();
            speed = decision.waits() ? 0 : allowed == null ? 100_000 : Math.min(100_000, allowed);
            speeds.add(speed);
        }
        return speeds.subList(240, speeds.size());
    }

    private static double mean(List<Double> speeds) {
        return speeds.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    /** Between batches from 0.5 to 1 ms, and one in five beside one waits 2 ms more. */
    private static double disturbed(boolean met, SplittableRandom random) {
        return 0.5 + 0.5 * random.nextDouble() + (met && random.nextInt(5) == 0 ? 2 : 0);
    }

    /** From a sixth of the time on, at 11,000 rows/s, one in thirty waits. */
    @Test
    void it_finds_the_speed_at_which_one_commit_in_thirty_waits_for_a_batch() {
        List<Double> speeds = speeds((met, random, second) -> disturbed(met, random));

        assertThat(mean(speeds)).isBetween(7_000.0, 13_000.0);
        assertThat(speeds).allMatch(speed -> speed < 23_000);
    }

    @Test
    void where_the_disk_becomes_slower_for_all_it_goes_as_fast_as_before() {
        List<Double> speeds = speeds((met, random, second) -> (second > 300 ? 4 : 1) * disturbed(met, random));

        assertThat(mean(speeds.subList(1_200, speeds.size()))).isBetween(7_000.0, 13_000.0);
    }

    @Test
    void where_batches_disturb_nobody_it_becomes_as_fast_as_it_can() {
        List<Double> speeds = speeds((met, random, second) -> Math.exp(0.5 * random.nextGaussian()));

        assertThat(mean(speeds)).isGreaterThan(80_000);
    }

    /** Of those beside a batch three in ten wait, for 0.3 ms in the mean: at 6,000 rows/s the value is 1.1 then. */
    @Test
    void what_it_finds_is_near_the_speed_of_its_warning_level_though_its_values_go_up_and_down_by_chance() {
        List<Double> speeds = speeds((met, random, second) -> 0.17 * Math.exp(0.5 * random.nextGaussian())
                + (met && random.nextInt(10) < 3 ? -0.3 * Math.log(1 - random.nextDouble()) : 0));

        assertThat(mean(speeds)).isBetween(4_800.0, 6_200.0);
        assertThat(speeds).allMatch(speed -> speed > 2_500 && speed < 9_000);
    }
}
