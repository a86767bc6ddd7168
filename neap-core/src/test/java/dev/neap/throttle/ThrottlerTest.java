package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.throttle.Decision.Verdict;
import dev.neap.throttle.Limits.Unit;
import dev.neap.throttle.SimulatedReplica.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class ThrottlerTest {
    private static final long SECOND = 1_000_000_000L;

    private static List<Moment> from(double second, List<Moment> moments) {
        return moments.stream().filter(moment -> moment.at() >= second).toList();
    }

    private static double asItIs(double lag) {
        return lag;
    }

    private static double longestLag(List<Moment> moments) {
        return moments.stream().mapToDouble(Moment::lag).max().orElseThrow();
    }

    private static long times(List<Moment> moments, Verdict verdict) {
        return moments.stream()
                .filter(moment -> moment.decision().verdict() == verdict)
                .count();
    }

    @Test
    void a_machine_that_is_used_by_half_leaves_all_room_to_grow_and_none_just_before_it_is_slowed_for() {
        Limits cpu = new Limits("cpu", Limits.Unit.LOAD, 80, 90, Duration.ofSeconds(1), Duration.ofSeconds(10));

        assertThat(cpu.room(40)).isEqualTo(1);
        assertThat(cpu.room(56)).isEqualTo(0.5);
        assertThat(cpu.room(64)).isZero();
    }

    @Test
    void with_calm_signals_it_goes_at_the_ceiling() {
        List<Moment> moments = new SimulatedReplica(5_000, 500L).run(60, at -> 1_000, ThrottlerTest::asItIs);

        assertThat(moments).allMatch(moment -> moment.decision().verdict() == Verdict.GO);
        assertThat(moments).allMatch(moment -> moment.decision().speed() == 500);
    }

    @Test
    void it_finds_the_speed_that_a_replica_can_follow_and_stays_there() {
        SimulatedReplica run = new SimulatedReplica(50_000, null);
        List<Moment> settled = from(60, run.run(600, at -> 4_000, ThrottlerTest::asItIs));

        // After a minute no wait, no lag over the limit, and no speed far from what the replica can do.
        assertThat(times(settled, Verdict.WAIT)).isZero();
        assertThat(longestLag(settled)).isLessThan(2);
        assertThat(settled)
                .allSatisfy(moment -> assertThat(moment.decision().speed()).isBetween(2_400L, 5_200L));
        assertThat(run.rows / 600).as("of 4,000 that were possible").isGreaterThan(3_700);
    }

    @Test
    void a_speed_that_is_not_used_does_not_grow() {
        Limits lag = new Limits("lag", Unit.SECONDS, 1, 2, Duration.ofMillis(500), Duration.ZERO);
        Throttler throttler = new Throttler(List.of(lag), Duration.ofMinutes(10), 0);
        for (int second = 1; second <= 300; second++) {
            throttler.read(lag, Reading.of(0, "b"), second * SECOND);
            assertThat(throttler.decide(100_000L, 300, second * SECOND).speed())
                    .as("it waits for locks, most of the time")
                    .isEqualTo(Throttler.FIRST);
        }
        throttler.read(lag, Reading.of(0, "b"), 301 * SECOND);
        assertThat(throttler.decide(100_000L, 900, 301 * SECOND).speed()).isEqualTo(1_200);
    }

    @Test
    void a_step_down_is_followed_within_seconds_and_a_step_up_in_less_than_a_minute() {
        SimulatedReplica run = new SimulatedReplica(50_000, 10_000L);
        run.run(60, at -> 20_000, ThrottlerTest::asItIs);
        List<Moment> down = run.run(120, at -> 1_000, ThrottlerTest::asItIs);
        List<Moment> settled = from(down.get(0).at() + 60, down);
        List<Moment> up = run.run(120, at -> 20_000, ThrottlerTest::asItIs);

        // One polling time over the limit, and what was written in it is replayed at the new speed.
        assertThat(from(down.get(0).at() + 3, down).get(0).decision().waits()).isTrue();
        assertThat(longestLag(settled)).isLessThan(2);
        assertThat(from(up.get(0).at() + 60, up))
                .allMatch(moment -> moment.decision().verdict() == Verdict.GO);
    }

    @Test
    void over_its_limit_nothing_is_written_and_it_goes_on_below_the_warning_level_by_itself() {
        SimulatedReplica run = new SimulatedReplica(5_000, 1_000L);
        run.run(20, at -> 8_000, ThrottlerTest::asItIs);
        List<Moment> paused = run.run(30, at -> 0, ThrottlerTest::asItIs);
        List<Moment> resumed = run.run(60, at -> 8_000, ThrottlerTest::asItIs);

        for (Moment moment : paused) {
            assertThat(moment.decision().waits()).as(moment.toString()).isEqualTo(moment.lag() >= 2);
        }
        assertThat(resumed.get(2).decision().verdict()).isEqualTo(Verdict.SLOW);
        assertThat(resumed.get(2).decision().why()).contains("goes on after 2").contains("replica lag of b");
        assertThat(resumed.get(resumed.size() - 1).decision().verdict()).isEqualTo(Verdict.GO);
    }

    @Test
    void the_lag_stays_under_its_limit_and_a_polling_time_however_steep_the_ramp() {
        // What the replica can do sinks from twice the ceiling to nearly nothing, and comes back.
        DoubleUnaryOperator ramp = at -> 50 + 2_000 * Math.abs(1 - at / 150);
        SimulatedReplica run = new SimulatedReplica(5_000, 1_000L);

        for (Moment moment : run.run(300, ramp, ThrottlerTest::asItIs)) {
            // Where it writes, it was under the limit at this polling.
            assertThat(moment.lag() >= 2 && !moment.decision().waits())
                    .as(moment.toString())
                    .isFalse();
        }
    }

    @Test
    void one_spike_costs_half_a_minute_and_not_the_run() {
        SimulatedReplica run = new SimulatedReplica(5_000, 1_000L);
        run.run(20, at -> 8_000, ThrottlerTest::asItIs);
        List<Moment> spike = run.run(0.6, at -> 8_000, lag -> 30);
        List<Moment> after = run.run(40, at -> 8_000, ThrottlerTest::asItIs);

        assertThat(spike.get(0).decision().verdict()).isEqualTo(Verdict.WAIT);
        assertThat(after.get(0).decision().verdict()).isEqualTo(Verdict.SLOW);
        assertThat(from(after.get(0).at() + 30, after))
                .allMatch(moment -> moment.decision().verdict() == Verdict.GO);
    }

    @Test
    void noise_under_the_warning_level_changes_nothing() {
        SplittableRandom random = new SplittableRandom(7);
        List<Moment> moments =
                new SimulatedReplica(5_000, 1_000L).run(300, at -> 8_000, lag -> random.nextDouble(0.99));

        assertThat(times(moments, Verdict.GO)).isEqualTo(moments.size());
    }

    @Test
    void noise_around_the_warning_level_slows_and_does_not_swing() {
        SplittableRandom random = new SplittableRandom(7);
        List<Moment> moments =
                new SimulatedReplica(5_000, 1_000L).run(120, at -> 8_000, lag -> 0.7 + random.nextDouble(0.5));

        assertThat(times(moments, Verdict.WAIT)).isZero();
        for (int i = 1; i < moments.size(); i++) {
            // It never grows while a value is over half of the warning level.
            assertThat(speed(moments, i)).isLessThanOrEqualTo(speed(moments, i - 1));
        }
    }

    private static long speed(List<Moment> moments, int i) {
        Long speed = moments.get(i).decision().speed();
        return speed == null ? Long.MAX_VALUE : speed;
    }

    @Test
    void a_dead_signal_is_a_reason_to_wait_at_once_and_after_its_time_to_stop() {
        SimulatedReplica run = new SimulatedReplica(5_000, 1_000L);
        run.run(20, at -> 8_000, ThrottlerTest::asItIs);
        List<Moment> dead = run.run(90, at -> 8_000, lag -> Double.NaN);

        assertThat(dead.get(0).decision().verdict()).isEqualTo(Verdict.WAIT);
        assertThat(dead.get(0).decision().why())
                .contains("replica lag gives no value")
                .contains("NaN");
        for (Moment moment : dead) {
            assertThat(moment.decision().verdict())
                    .as(moment.toString())
                    .isEqualTo(moment.at() - dead.get(0).at() > 60 ? Verdict.STOP : Verdict.WAIT);
        }
        List<Moment> answers = run.run(5, at -> 8_000, ThrottlerTest::asItIs);
        assertThat(answers.get(0).decision().verdict()).as("it answers again").isEqualTo(Verdict.GO);
    }

    @Test
    void an_answer_that_does_not_come_is_no_answer() {
        Throttler throttler = new Throttler(List.of(SimulatedReplica.LAG), Duration.ofSeconds(60), 0);
        assertThat(throttler.decide(500L, 0, 0).why()).contains("was not read yet");
        throttler.read(SimulatedReplica.LAG, Reading.of(0, "b"), 0);

        assertThat(throttler.decide(500L, 0, 3 * SECOND).verdict()).isEqualTo(Verdict.GO);
        assertThat(throttler.decide(500L, 0, 4 * SECOND).verdict()).isEqualTo(Verdict.WAIT);
        assertThat(throttler.decide(500L, 0, 4 * SECOND).why()).contains("its answer does not come");
    }

    @Test
    void after_its_limit_it_waits_until_the_value_is_below_the_warning_level() {
        Throttler throttler = new Throttler(List.of(SimulatedReplica.LAG), Duration.ofSeconds(60), 0);
        double[] values = {0, 2.5, 1.5, 1.0, 0.9};
        for (int i = 0; i < values.length; i++) {
            throttler.read(SimulatedReplica.LAG, Reading.of(values[i], "b"), i * SECOND);
            Decision decision = throttler.decide(500L, 500, i * SECOND);
            assertThat(decision.waits()).as("at %s s: %s", values[i], decision).isEqualTo(i >= 1 && i <= 3);
        }
    }

    @Test
    void what_comes_back_over_its_limit_after_a_silence_goes_on_slower() {
        Throttler throttler = new Throttler(List.of(SimulatedReplica.LAG), Duration.ofSeconds(60), 0);
        Reading[] readings = {Reading.of(0, "b"), Reading.none("it is gone"), Reading.of(6, "b"), Reading.of(0.1, "b")};
        Decision decision = throttler.decide(500L, 500, 0);
        for (int i = 0; i < readings.length; i++) {
            throttler.read(SimulatedReplica.LAG, readings[i], i * SECOND);
            decision = throttler.decide(500L, 500, i * SECOND);
        }

        assertThat(decision.verdict()).isEqualTo(Verdict.SLOW);
        assertThat(decision.speed()).isLessThan(500L);
    }

    @Test
    void a_signal_that_has_been_silent_for_too_long_stops_the_run_whichever_else_flickers() {
        Limits freeze = Limits.flag("freeze", Duration.ofSeconds(1));
        Throttler throttler = new Throttler(List.of(freeze, SimulatedReplica.LAG), Duration.ofSeconds(60), 0);
        throttler.read(SimulatedReplica.LAG, Reading.none("it is gone"), 0);
        throttler.read(freeze, Reading.of(0, ""), 59 * SECOND);
        throttler.read(freeze, Reading.none("nobody can tell"), 61 * SECOND);

        assertThat(throttler.decide(500L, 0, 61 * SECOND).verdict()).isEqualTo(Verdict.STOP);
    }

    @Test
    void far_over_its_limit_it_trips_after_a_minute_without_a_break_and_never_for_a_spike() {
        Limits lag = new Limits("replica lag", Unit.SECONDS, 1, 2, Duration.ofMillis(500), Duration.ZERO, 5);
        Throttler throttler = new Throttler(List.of(lag), Duration.ofMinutes(10), 0);
        for (int second = 0; second <= 300; second++) {
            // One value a minute is a little better.
            throttler.read(lag, Reading.of(second % 60 == 0 ? 4.9 : 90, "b"), second * SECOND);
            assertThat(throttler.decide(500L, 500, second * SECOND).verdict()).isEqualTo(Verdict.WAIT);
        }
        for (int second = 301; second <= 361; second++) {
            throttler.read(lag, Reading.of(90, "b"), second * SECOND);
            assertThat(throttler.decide(500L, 500, second * SECOND).verdict())
                    .as("at %s s", second)
                    .isEqualTo(second < 361 ? Verdict.WAIT : Verdict.TRIP);
        }
        assertThat(throttler.decide(500L, 500, 361 * SECOND).why())
                .isEqualTo("replica lag of b is 90 s, its limit 2 s; it has been over 5 s for 60 s");
    }

    @Test
    void what_tells_of_a_while_is_cut_once_in_that_while_and_waited_for_before_it_grows() {
        assertThat(speedsWhile(2.999).subList(0, 6)).containsExactly(1_000L, 1_000L, 1_200L, 1_200L, 1_200L, 1_440L);
        // By two fifths at once, and by three tenths 5 s later; and in the middle of its room it grows by a tenth.
        assertThat(speedsWhile(2.999).subList(6, 20))
                .containsExactly(857L, 857L, 857L, 857L, 857L, 600L, 600L, 600L, 600L, 600L, 660L, 660L, 660L, 726L);
    }

    @Test
    void it_is_cut_less_the_nearer_it_is_to_its_warning_level() {
        assertThat(speedsWhile(2.5).subList(5, 12))
                .containsExactly(1_440L, 1_132L, 1_132L, 1_132L, 1_132L, 1_132L, 962L);
        assertThat(speedsWhile(2).subList(5, 12))
                .containsExactly(1_440L, 1_376L, 1_376L, 1_376L, 1_376L, 1_376L, 1_335L);
    }

    /** Of twenty seconds: as at rest in the first six, then ten that it is too fast, then in the middle of its room. */
    private static List<Long> speedsWhile(double tooFast) {
        Limits commits = new Limits("commit time", Unit.TIMES, 2, 3, Duration.ofMillis(500), Duration.ofSeconds(5));
        Throttler throttler = new Throttler(List.of(commits), Duration.ofMinutes(10), 0);
        List<Long> speeds = new ArrayList<>();
        for (int second = 0; second < 20; second++) {
            double value = second < 6 ? 0.5 : second < 16 ? tooFast : 1.25;
            throttler.read(commits, Reading.of(value, ""), second * SECOND);
            speeds.add(throttler.decide(100_000L, 100_000, second * SECOND).speed());
        }
        return speeds;
    }

    @Test
    void where_the_warning_level_is_the_limit_it_goes_at_full_speed_up_to_there_and_not_past_it() {
        Limits connections = new Limits("connections", Unit.PERCENT, 90, 90, Duration.ofSeconds(1), Duration.ZERO);
        Throttler throttler = new Throttler(List.of(connections), Duration.ofSeconds(60), 0);
        long second = 0;
        while (second < 12) {
            throttler.read(connections, Reading.of(89, ""), ++second * SECOND);
            throttler.decide(5_000L, 5_000, second * SECOND);
        }
        assertThat(throttler.decide(5_000L, 5_000, second * SECOND).verdict()).isEqualTo(Verdict.GO);

        throttler.read(connections, Reading.of(91.5, ""), ++second * SECOND);
        assertThat(throttler.decide(5_000L, 5_000, second * SECOND).words())
                .isEqualTo("wait: connections is 91.5 %, its limit 90 %");
        throttler.read(connections, Reading.of(89, ""), ++second * SECOND);
        assertThat(throttler.decide(5_000L, 5_000, second * SECOND).waits()).isFalse();
    }

    @Test
    void sizes_are_told_in_units_that_people_read() {
        Limits log = new Limits("log", Unit.BYTES, 512 << 20, 1 << 30, Duration.ofSeconds(1), Duration.ZERO);
        Throttler throttler = new Throttler(List.of(log), Duration.ofSeconds(60), 0);
        throttler.read(log, Reading.of(1.5 * (1 << 30), ""), 0);
        assertThat(throttler.decide(null, 0, 0).why()).isEqualTo("log is 1.5 GB, its limit 1 GB");
        throttler.read(log, Reading.of(600 << 20, ""), SECOND);
        assertThat(throttler.decide(null, 0, SECOND).why())
                .isEqualTo("log is 600 MB, and was over its limit; it goes on below 512 MB");
    }

    @Test
    void a_flag_is_on_or_off() {
        Limits freeze = Limits.flag("freeze", Duration.ofSeconds(1));
        Throttler throttler = new Throttler(List.of(freeze), Duration.ofSeconds(60), 0);
        throttler.read(freeze, Reading.of(1, ""), 0);
        assertThat(throttler.decide(null, 0, 0).words()).isEqualTo("wait: freeze is on");
        throttler.read(freeze, Reading.of(0, ""), SECOND);
        assertThat(throttler.decide(null, 0, SECOND).waits()).isFalse();
    }

    @Test
    void the_silent_one_of_several_decides_and_the_highest_does_not_hide_it() {
        Limits freeze = Limits.flag("freeze", Duration.ofSeconds(1));
        Throttler throttler = new Throttler(List.of(SimulatedReplica.LAG, freeze), Duration.ofSeconds(60), 0);
        throttler.read(SimulatedReplica.LAG, Reading.of(0, "b"), 0);
        throttler.read(freeze, Reading.none("nobody can tell"), 0);

        assertThat(throttler.decide(500L, 0, 0).words())
                .isEqualTo("wait: freeze gives no value, for 0 s now: nobody can tell");
    }

    private static final Limits ENDS = new Limits("lag", Unit.SECONDS, 1, 2, Duration.ofMillis(500), Duration.ZERO, 5);

    /** The lag ends a run after 6 s here. */
    private static Verdict afterLongLag(Limits other, Reading reading) {
        Throttler throttler = new Throttler(List.of(other, ENDS), Duration.ofSeconds(60), 0);
        Verdict verdict = Verdict.GO;
        for (int second = 0; second < 10; second++) {
            throttler.read(ENDS, Reading.of(30, ""), second * SECOND);
            throttler.read(other, reading, second * SECOND);
            verdict = throttler.decide(500L, 0, second * SECOND).verdict();
        }
        return verdict;
    }

    @Test
    void what_ends_a_run_is_not_hidden_by_a_signal_that_is_silent_or_over_its_limit() {
        Limits cpu = new Limits("cpu", Unit.PERCENT, 60, 70, Duration.ofSeconds(1), Duration.ZERO);

        assertThat(afterLongLag(cpu, Reading.of(10, ""))).isEqualTo(Verdict.TRIP);
        assertThat(afterLongLag(cpu, Reading.of(95, ""))).isEqualTo(Verdict.TRIP);
        assertThat(afterLongLag(cpu, Reading.none("Prometheus is down"))).isEqualTo(Verdict.TRIP);
    }

    @Test
    void while_the_run_is_closed_by_hours_or_a_flag_nothing_ends_it() {
        assertThat(afterLongLag(Limits.flag("hours", Duration.ofSeconds(1)), Reading.of(1, "")))
                .isEqualTo(Verdict.WAIT);
    }

    @Test
    void a_signal_that_is_read_seldom_is_silent_from_when_a_value_was_due() {
        Limits seldom = new Limits("queue", Unit.COUNT, 5, 10, Duration.ofMinutes(5), Duration.ZERO);
        Throttler throttler = new Throttler(List.of(seldom), Duration.ofSeconds(60), 0);
        throttler.read(seldom, Reading.of(1, ""), 0);
        throttler.read(seldom, Reading.none("no answer"), 302 * SECOND);

        assertThat(throttler.decide(500L, 0, 302 * SECOND).words())
                .isEqualTo("wait: queue gives no value, for 2 s now: no answer");
        assertThat(throttler.decide(500L, 0, 361 * SECOND).verdict()).isEqualTo(Verdict.STOP);
    }
}
