package dev.neap.bench.invisible;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What the report makes of pairs. */
class ReportTest {
    private static Pair pair(String work, double without, double beside, long rowsPerSecond) {
        return new Pair(
                work,
                new Latency(100, 1, 1.5, without / 2, 9),
                new Latency(100, 1, 1.5, without, 9),
                new Latency(100, 1, 1.6, beside, 9),
                15,
                rowsPerSecond,
                false,
                "",
                Work.Said.NOTHING);
    }

    @Test
    void the_median_of_the_pairs_is_held_against_the_goal_beside_what_nothing_does() {
        List<Pair> neap = List.of(pair("a", 2, 2.1, 4_000), pair("b", 4, 12, 2_000), pair("c", 2, 2.16, 5_000));
        Report report = new Report(
                List.of(pair("n", 2, 2.04, 0), pair("n", 2, 1.9, 0)), neap, List.of(), OptionalLong.of(5_000));

        List<String> lines = report.lines();

        assertEquals(
                List.of(
                        "p99 with Neap: 1.08 x (median of 3); with nothing: 0.95 x to 1.02 x; the goal: 1.10 x",
                        "p99 with Neap, of that before it began: 2.16 x (median of 3); with nothing: 1.90 x to 2.04 x",
                        "Neap wrote 4000 rows/s, the best of the fixed rates with a p99 of at most 1.10 x 5000: 80 %"),
                lines.subList(lines.size() - 3, lines.size()));
        assertEquals(0.8, report.figures().get("share_of_best_fixed"));
        assertEquals(List.of(0.95, 1.02), report.figures().get("nothing_p99_ratios"));
    }

    @Test
    void where_neap_missed_the_goal_fixed_rates_may_cost_as_much_as_it_did() {
        assertEquals(1.1, Report.bound(List.of(pair("a", 2, 2.1, 1))), 1e-9);
        assertEquals(1.75, Report.bound(List.of(pair("a", 2, 3, 1), pair("b", 2, 4, 1))), 1e-9);
    }
}
