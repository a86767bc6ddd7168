package dev.neap.bench.invisible;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;

/**
 * What all pairs say together.
 *
 * @param nothing pairs in which nothing was done: by so much two measurements differ in any case; at least one
 * @param neap those with Neap and its signals, at least one
 * @param others the rest: what Neap is held against
 * @param bestRate how fast the best fixed rate within {@link #bound} went, in rows per second; empty where none was
 */
record Report(List<Pair> nothing, List<Pair> neap, List<Pair> others, OptionalLong bestRate) {
    /** The slowest request in a hundred may take so many times as long. */
    static final double GOAL = 1.1;

    /** What a fixed rate may cost to be compared with Neap: the goal, or, where Neap missed it, what Neap cost. */
    static double bound(List<Pair> neap) {
        return Math.max(GOAL, median(neap, Pair::ratio));
    }

    static double median(List<Pair> pairs, ToDoubleFunction<Pair> what) {
        double[] sorted = pairs.stream().mapToDouble(what).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private double rowsPerSecond() {
        return median(neap, Pair::rowsPerSecond);
    }

    private List<Double> noise(ToDoubleFunction<Pair> ratio) {
        return nothing.stream().mapToDouble(ratio).sorted().boxed().toList();
    }

    private String p99(String against, ToDoubleFunction<Pair> ratio) {
        List<Double> noise = noise(ratio);
        return String.format(
                Locale.ROOT,
                "p99 with Neap%s: %.2f x (median of %d); with nothing: %.2f x to %.2f x",
                against,
                median(neap, ratio),
                neap.size(),
                noise.get(0),
                noise.get(noise.size() - 1));
    }

    Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("nothing_p99_ratios", noise(Pair::ratio));
        figures.put("neap_p99_ratio", median(neap, Pair::ratio));
        figures.put("neap_p99_ratio_to_before", median(neap, Pair::ratioToBefore));
        figures.put("neap_rows_per_second", rowsPerSecond());
        figures.put("bound_of_fixed_rates", bound(neap));
        bestRate.ifPresent(best -> {
            figures.put("best_fixed_rows_per_second", best);
            figures.put("share_of_best_fixed", rowsPerSecond() / best);
        });
        figures.put("pairs", all());
        return figures;
    }

    private List<Pair> all() {
        List<Pair> all = new ArrayList<>(nothing);
        all.addAll(neap);
        all.addAll(others);
        return all;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%-34s %-26s %-26s %6s %8s",
                "",
                "without, p50 p95 p99 ms",
                "beside it, p50 p95 p99 ms",
                "p99",
                "rows/s"));
        all().forEach(pair -> lines.add(line(pair)));
        lines.add("");
        lines.add(p99("", Pair::ratio) + String.format(Locale.ROOT, "; the goal: %.2f x", GOAL));
        lines.add(p99(", of that before it began", Pair::ratioToBefore));
        String within = String.format(Locale.ROOT, "of the fixed rates with a p99 of at most %.2f x", bound(neap));
        lines.add(
                bestRate.isPresent()
                        ? String.format(
                                Locale.ROOT,
                                "Neap wrote %.0f rows/s, the best %s %d: %.0f %%",
                                rowsPerSecond(),
                                within,
                                bestRate.getAsLong(),
                                100 * rowsPerSecond() / bestRate.getAsLong())
                        : String.format(
                                Locale.ROOT, "Neap wrote %.0f rows/s; %s there was none", rowsPerSecond(), within));
        return lines;
    }

    static String line(Pair pair) {
        return String.format(
                Locale.ROOT,
                "%-34s %8.2f %8.2f %8.2f %8.2f %8.2f %8.2f %5.2f x %8d%s",
                pair.work(),
                pair.without().p50Ms(),
                pair.without().p95Ms(),
                pair.without().p99Ms(),
                pair.beside().p50Ms(),
                pair.beside().p95Ms(),
                pair.beside().p99Ms(),
                pair.ratio(),
                pair.rowsPerSecond(),
                (pair.ended() ? String.format(Locale.ROOT, " ended after %.1f s", pair.seconds()) : "")
                        + (pair.failures().isEmpty() ? "" : " " + pair.failures()));
    }
}
