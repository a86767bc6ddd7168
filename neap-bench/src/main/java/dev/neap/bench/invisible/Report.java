package dev.neap.bench.invisible;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What all pairs say together.
 *
 * @param rivals Neap, nothing, and the fixed rates
 * @param others the rest: what else Neap is held against
 */
record Report(Rivals rivals, List<Pair> others) {
    private List<Double> noise(ToDoubleFunction<Pair> ratio) {
        return rivals.nothing().stream().mapToDouble(ratio).sorted().boxed().toList();
    }

    private String p99(String against, ToDoubleFunction<Pair> ratio) {
        List<Double> noise = noise(ratio);
        return String.format(
                Locale.ROOT,
                "p99 with Neap%s: %.2f x (median of %d); with nothing: %.2f x to %.2f x",
                against,
                Median.of(rivals.neap(), ratio),
                rivals.neap().size(),
                noise.get(0),
                noise.get(noise.size() - 1));
    }

    Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("nothing_p99_ratios", noise(Pair::ratio));
        figures.put("neap_p99_ratio", rivals.ratio());
        figures.put("neap_p99_ratio_to_before", Median.of(rivals.neap(), Pair::ratioToBefore));
        figures.put("neap_rows_per_second", rivals.rowsPerSecond());
        figures.put("bound_of_fixed_rates", rivals.bound());
        figures.put("best_fixed_rows_per_second", rivals.best());
        figures.put("fixed_rows_per_second_that_cost_the_same", rivals.alike());
        if (rivals.best() > 0) {
            figures.put("share_of_best_fixed", rivals.share());
        }
        figures.put("pairs", all());
        return figures;
    }

    private List<Pair> all() {
        List<Pair> all = new ArrayList<>(rivals.nothing());
        all.addAll(rivals.neap());
        all.addAll(others);
        rivals.fixed().forEach(all::addAll);
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
        lines.add(p99("", Pair::ratio) + String.format(Locale.ROOT, "; the goal: %.2f x", Rivals.GOAL));
        lines.add(p99(", of that before it began", Pair::ratioToBefore));
        lines.add(speed());
        return lines;
    }

    private String speed() {
        String within = String.format(
                Locale.ROOT,
                "Neap wrote %.0f rows/s; of the fixed rates with a p99 of at most %.2f x",
                rivals.rowsPerSecond(),
                rivals.bound());
        if (rivals.best() == 0) {
            return within + " there was none";
        }
        Rivals.Between between = rivals.shareBetween();
        return String.format(
                Locale.ROOT,
                "%s the best %.0f: %.0f %% (eight of ten resamplings: %.0f to %.0f %%), and with the p99 of Neap %.0f",
                within,
                rivals.best(),
                100 * rivals.share(),
                100 * between.lower(),
                100 * between.upper(),
                rivals.alike());
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
