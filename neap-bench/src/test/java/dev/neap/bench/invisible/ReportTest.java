package dev.neap.bench.invisible;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What the report makes of pairs. */
class ReportTest {
    static Pair pair(double without, double beside, long rowsPerSecond) {
        return new Pair(
                "a way",
                new Latency(100, 1, 1.5, without / 2, 9),
                new Latency(100, 1, 1.5, without, 9),
                new Latency(100, 1, 1.6, beside, 9),
                15,
                rowsPerSecond,
                false,
                "",
                Work.Said.NOTHING);
    }

    private static final List<Pair> NOTHING = List.of(pair(2, 2.04, 0), pair(2, 1.96, 0));

    @Test
    void the_median_of_the_pairs_is_held_against_the_goal_beside_what_nothing_does() {
        List<Pair> neap = List.of(pair(2, 2.1, 4_000), pair(4, 12, 2_000), pair(2, 2.16, 5_000));
        List<List<Pair>> fixed = List.of(List.of(pair(2, 2.1, 4_000)), List.of(pair(2, 2.3, 6_000)));
        Report report = new Report(new Rivals(NOTHING, neap, fixed), List.of());

        List<String> lines = report.lines();

        assertEquals(
                List.of(
                        "p99 with Neap: 1.08 x (median of 3); with nothing: 0.98 x to 1.02 x; the goal: 1.10 x",
                        "p99 with Neap, of that before it began: 2.16 x (median of 3); with nothing: 1.96 x to 2.04 x",
                        "Neap wrote 4000 rows/s; of the fixed rates with a p99 of at most 1.10 x the best 5000: 80 %"
                                + " (eight of ten resamplings: 33 to 100 %), and with the p99 of Neap 4600"),
                lines.subList(lines.size() - 3, lines.size()));
        assertEquals(0.8, (double) report.figures().get("share_of_best_fixed"), 1e-9);
        assertEquals(List.of(0.98, 1.02), report.figures().get("nothing_p99_ratios"));
    }

    @Test
    void where_every_fixed_rate_is_felt_it_says_so() {
        List<Pair> slow = List.of(pair(2, 2.4, 0));
        Report report = new Report(new Rivals(slow, List.of(pair(2, 2, 100)), List.of()), List.of());

        List<String> lines = report.lines();

        assertEquals(
                "Neap wrote 100 rows/s; of the fixed rates with a p99 of at most 1.10 x there was none",
                lines.get(lines.size() - 1));
        assertFalse(report.figures().containsKey("share_of_best_fixed"));
    }
}
