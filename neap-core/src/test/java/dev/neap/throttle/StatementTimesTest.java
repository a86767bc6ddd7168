package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.neap.throttle.StatementTimes.Count;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** How many times as long the application's statements take as before the run. */
class StatementTimesTest {
    private static final Reading TOO_FEW = Reading.of(1, "the application (too few calls to tell)");

    private final StatementTimes times = new StatementTimes();
    private final Map<String, Count> counted = new TreeMap<>();
    private String since = "monday";

    private Reading look() {
        return times.looked(since, new ArrayList<>(counted.values()));
    }

    private void called(String statement, long calls, double msEach) {
        Count then = counted.getOrDefault(statement, new Count(statement, 0, 0));
        counted.put(statement, new Count(statement, then.calls() + calls, then.ms() + calls * msEach));
    }

    /** As many looks as it takes until it has a value; between them one statement is called. */
    private Reading after(int looks, String statement, long calls, double msEach) {
        Reading last = Reading.none("no look");
        for (int i = 0; i < looks; i++) {
            called(statement, calls, msEach);
            last = look();
        }
        return last;
    }

    private void measured() {
        // A past of which nobody knows how busy it was.
        called("get", 1_000_000, 70);
        called("put", 1_000_000, 70);
        look();
        for (int i = 0; i < StatementTimes.LOOKS; i++) {
            called("put", 20, 10);
            assertThat(after(1, "get", 200, 2).missed()).isTrue();
        }
    }

    @Test
    void what_they_took_just_before_the_run_is_measured_and_their_past_is_not() {
        assertThat(look().missing()).isEqualTo("how long statements take without the run is measured, 0 of 5 times");
        assertThat(after(4, "get", 100, 2).missing()).endsWith("4 of 5 times");
        assertThat(after(1, "get", 100, 2).missed()).isTrue();

        assertThat(after(1, "get", 100, 2))
                .isEqualTo(Reading.of(1, "the application (now 2.0 ms a call, before the run 2.0 ms)"));
    }

    @Test
    void each_statement_is_compared_with_itself() {
        measured();
        assertThat(after(5, "put", 100, 10).value()).as("more of the slow ones").isEqualTo(1);
        assertThat(after(5, "report", 100, 900)).as("another one").isEqualTo(TOO_FEW);
        assertThat(after(5, "get", 100, 7))
                .isEqualTo(Reading.of(3.5, "the application (now 7.0 ms a call, before the run 2.0 ms)"));
        assertThat(after(5, "get", 100, 2).value()).as("it is over").isEqualTo(1);
    }

    @Test
    void a_slow_look_among_quick_ones_counts_by_its_calls() {
        measured();
        after(4, "get", 100, 2);
        assertThat(after(1, "get", 1, 52).value()).isCloseTo(1.06, offset(0.01));
    }

    @Test
    void an_application_that_calls_nothing_or_little_stops_nobody() {
        for (int i = 0; i <= StatementTimes.LOOKS; i++) {
            assertThat(look().missed()).isTrue();
        }
        assertThat(look()).isEqualTo(TOO_FEW);
        assertThat(after(5, "get", 100, 50))
                .as("nobody knows what it took before")
                .isEqualTo(TOO_FEW);
    }

    @Test
    void one_that_falls_silent_stops_nobody_either() {
        measured();
        assertThat(after(5, "get", 100, 20).value()).isEqualTo(10);
        assertThat(after(5, "get", 1, 20)).isEqualTo(TOO_FEW);
    }

    @Test
    void counters_that_are_set_back_are_neither_quick_nor_slow() {
        measured();
        after(4, "get", 100, 2);
        Reading slower = after(1, "get", 100, 20);

        counted.clear();
        since = "tuesday";
        called("get", 1, 1);
        assertThat(look()).as("nothing is known of it yet").isEqualTo(slower);
        assertThat(after(5, "get", 100, 20).value()).isEqualTo(10);
    }

    @Test
    void counters_that_are_set_back_while_it_is_measured_make_it_take_one_look_more() {
        called("get", 5_000, 1);
        look();
        after(2, "get", 100, 2);
        since = "tuesday";
        counted.clear();
        assertThat(after(1, "get", 100, 90).missing()).endsWith("2 of 5 times");
        assertThat(after(3, "get", 100, 2).missing()).endsWith("5 of 5 times");
        assertThat(after(1, "get", 100, 2).value()).isEqualTo(1);
    }

    @Test
    void one_statement_that_is_set_back_or_forgotten_is_left_out_of_that_look() {
        measured();
        after(5, "get", 100, 4);
        counted.put("get", new Count("get", 30, 1));
        assertThat(look().value()).as("fewer calls than there were").isEqualTo(2);
        counted.put("get", new Count("get", 200, 0.5));
        assertThat(look().value())
                .as("more calls and less time than there were")
                .isEqualTo(2);
        counted.remove("get");
        assertThat(look().value()).as("it is gone").isEqualTo(2);
        called("get", 500, 90);
        assertThat(look().value()).as("it comes back with what nobody saw").isEqualTo(2);
        assertThat(after(1, "get", 100, 4).value()).isEqualTo(2);
    }

    @Test
    void what_is_quicker_than_a_tenth_of_a_millisecond_does_not_count_by_its_noise() {
        look();
        after(StatementTimes.LOOKS, "get", 100, 0.01);
        assertThat(after(5, "get", 100, 0.09).value()).isEqualTo(1);
        assertThat(after(5, "get", 100, 0.4).value()).isCloseTo(4, offset(1e-6));
    }

    @Test
    void it_slows_the_run_and_makes_it_wait_and_lets_it_go_on() {
        Limits limits = new Limits(
                "statement time",
                Limits.Unit.TIMES,
                2,
                3,
                Duration.ofSeconds(1),
                StatementTimes.memory(Duration.ofSeconds(1)));
        Throttler throttler = new Throttler(List.of(limits), Duration.ofSeconds(60), 0);
        long second = Duration.ofSeconds(1).toNanos();
        long now = 0;
        measured();
        List<Decision.Verdict> verdicts = new ArrayList<>();
        for (double ms : new double[] {2, 5, 20, 2}) {
            Decision decision = null;
            for (int i = 0; i < 6; i++) {
                now += second;
                throttler.read(limits, after(1, "get", 100, ms), now);
                decision = throttler.decide(1_000L, 1_000, now);
            }
            verdicts.add(decision.verdict());
        }
        assertThat(verdicts.subList(0, 3))
                .containsExactly(Decision.Verdict.GO, Decision.Verdict.SLOW, Decision.Verdict.WAIT);
        assertThat(verdicts.get(3)).isNotEqualTo(Decision.Verdict.WAIT);
    }
}
