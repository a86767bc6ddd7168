package dev.neap.bench.invisible;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** The middle one of several figures, or the mean of the two. */
final class Median {
    private Median() {}

    /** @param all at least one */
    static <T> double of(List<T> all, ToDoubleFunction<T> figure) {
        double[] sorted = all.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
