package dev.neap.bench.invisible;

import static dev.neap.bench.invisible.ReportTest.pair;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which fixed rate Neap is held against, and how sure that is. */
class RivalsTest {
    private static final List<Pair> NOTHING = List.of(pair(1, 1, 0));

    private static Rivals rivals(double neapRatio, double... ratioAtEachThousand) {
        List<List<Pair>> fixed = IntStream.range(0, ratioAtEachThousand.length)
                .mapToObj(i -> List.of(pair(1, ratioAtEachThousand[i], (i + 1) * 1_000L)))
                .toList();
        return new Rivals(NOTHING, List.of(pair(1, neapRatio, 1_000)), fixed);
    }

    @Test
    void rates_go_from_a_little_under_a_speed_to_well_over_it() {
        assertEquals(List.of(2_000L, 2_828L, 4_000L, 5_657L), Rivals.rates(2_828.4, 4));
        assertEquals(List.of(1L, 2L), Rivals.rates(1, 4).subList(0, 2));
    }

    @Test
    void the_best_is_on_the_line_between_one_that_is_allowed_and_one_that_is_not() {
        assertEquals(2_500, rivals(1.05, 1.0, 1.05, 1.15).best(), 1);
        assertEquals(2_000, rivals(1.05, 1.0, 1.05, 1.15).alike(), 1);
    }

    @Test
    void a_rate_that_looks_better_than_a_lower_one_is_taken_with_it() {
        assertEquals(2_000, rivals(1, 1.12, 1.08, 1.3).best(), 1);
        assertEquals(1_000 / 1.3, rivals(1, 1.18, 1.08, 1.3).best(), 1);
    }

    @Test
    void where_all_are_allowed_it_is_the_highest_that_was_measured() {
        assertEquals(3_000, rivals(1, 1, 1.02, 1.04).best());
    }

    @Test
    void where_neap_missed_the_goal_fixed_rates_may_cost_as_much_as_it_did() {
        assertEquals(1.1, rivals(1.05).bound(), 1e-9);
        assertEquals(1.75, rivals(1.75).bound(), 1e-9);
        assertEquals(2_500, rivals(1.2, 1.0, 1.15, 1.25).best(), 1);
    }

    /** Of eighty such measurements in a hundred the bounds should hold the true share; of few pairs they hold it less often. */
    @Test
    void the_bounds_are_where_chance_takes_the_share() {
        SplittableRandom random = new SplittableRandom(7);
        int held = 0;
        for (int i = 0; i < 60; i++) {
            Rivals.Between between = noisy(random).shareBetween();
            held += between.lower() <= 0.8 && 0.8 <= between.upper() ? 1 : 0;
        }
        assertTrue(held >= 36 && held <= 58, "held " + held + " of 60");
    }

    /** Neap at 4,000 rows/s; the true best is 5,000 rows/s: each 1,000 make the p99 two hundredths longer. */
    private static Rivals noisy(SplittableRandom random) {
        List<List<Pair>> fixed = Stream.of(3_000L, 4_000L, 5_500L, 8_000L)
                .map(rate -> measured(rate, random))
                .toList();
        return new Rivals(measured(0, random), measured(4_000, random), fixed);
    }

    private static List<Pair> measured(long rate, SplittableRandom random) {
        return DoubleStream.generate(random::nextDouble)
                .limit(5)
                .mapToObj(chance -> pair(1, 1 + rate * 0.00002 + (chance - 0.5) * 0.06, rate))
                .toList();
    }
}
