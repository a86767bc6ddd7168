package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How many times as long something takes as before the run. */
class SlowdownTest {
    private final Slowdown slowdown = new Slowdown(3, Duration.ofSeconds(2));

    private Reading took(double... times) {
        Reading last = Reading.none("");
        for (double ms : times) {
            last = slowdown.took(ms);
        }
        return last;
    }

    @Test
    void without_enough_times_from_before_there_is_no_value() {
        Reading eighth = took(5, 5, 5, 5, 5, 5, 5, 5);
        assertThat(eighth.missing()).isEqualTo("how long it takes without the run is measured, 8 of 9 times");
        assertThat(took(5).missed()).isTrue();
        assertThat(took(5)).isEqualTo(Reading.of(1, "the canary (now 5.0 ms, before the run 5.0 ms)"));
    }

    @Test
    void neither_a_first_time_that_is_slow_nor_a_spike_counts_and_what_lasts_does() {
        took(90, 4, 4, 4, 4, 4, 4, 4, 4);
        assertThat(took(4, 4, 4, 800, 4).value()).isEqualTo(1);
        assertThat(took(900).value()).as("two of five").isEqualTo(1);
        assertThat(took(10)).isEqualTo(Reading.of(2.5, "the canary (now 10.0 ms, before the run 4.0 ms)"));
        assertThat(took(4, 4, 4).value()).as("it is over").isEqualTo(1);
    }

    @Test
    void what_is_quicker_than_a_millisecond_does_not_count_by_its_noise() {
        took(0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2);
        assertThat(took(0.9, 0.9, 0.9, 0.9, 0.9).value()).isEqualTo(1);
        assertThat(took(4, 4, 4, 4, 4).value()).isEqualTo(4);
    }

    @Test
    void what_is_cut_off_before_it_can_come_to_its_limit_tells_nothing() {
        took(700, 700, 700, 700, 700, 700, 700, 700, 700);
        assertThat(took(2_000).missing())
                .startsWith("it takes 700 ms without the run, and is cut off at 2000 ms")
                .contains("take a quicker query");
    }

    @Test
    void the_run_grows_while_it_is_near_what_it_was_and_is_cut_and_stopped_by_what_lasts() {
        Limits limits = new Limits(
                "latency", Limits.Unit.TIMES, 2, 3, Duration.ofMillis(500), Slowdown.memory(Duration.ofMillis(500)));
        Throttler throttler = new Throttler(List.of(limits), Duration.ofSeconds(60), 0);
        SplittableRandom random = new SplittableRandom(7);
        long now = 0;
        Decision decision = null;
        for (int i = 0; i < 200; i++) {
            now += Duration.ofMillis(500).toNanos();
            throttler.read(limits, slowdown.took(3 + random.nextDouble() * (i % 20 == 19 ? 60 : 1)), now);
            decision = throttler.decide(5_000L, 5_000, now);
            assertThat(decision.waits()).as("%s: %s", i, decision).isEqualTo(i < Slowdown.BEFORE);
        }
        assertThat(decision.verdict()).as("noise and spikes cost nothing").isEqualTo(Decision.Verdict.GO);

        for (int i = 0; i < 4; i++) {
            now += Duration.ofMillis(500).toNanos();
            throttler.read(limits, slowdown.took(8), now);
            decision = throttler.decide(5_000L, 5_000, now);
        }
        assertThat(decision.verdict()).isEqualTo(Decision.Verdict.SLOW);
        assertThat(decision.why())
                .contains("latency of the canary (now 8.0 ms, before the run 3.")
                .contains("its warning level 2 times");
        for (int i = 0; i < 4; i++) {
            now += Duration.ofMillis(500).toNanos();
            throttler.read(limits, slowdown.took(20), now);
            decision = throttler.decide(5_000L, 5_000, now);
        }
        assertThat(decision.verdict()).isEqualTo(Decision.Verdict.WAIT);
    }
}
