package dev.neap.bench.invisible;

import java.util.Arrays;
import java.util.List;

/**
 * How long requests took.
 *
 * @param requests how many these were
 */
record Latency(int requests, double p50Ms, double p95Ms, double p99Ms, double maxMs) {
    /** @param nanos of each request, in any order; at least one */
    static Latency of(long[] nanos) {
        if (nanos.length == 0) {
            throw new IllegalStateException("no request was meant to be sent in so short a time; take more --seconds");
        }
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Latency(
                sorted.length,
                percentile(sorted, 50),
                percentile(sorted, 95),
                percentile(sorted, 99),
                ms(sorted[sorted.length - 1]));
    }

    /** All of several turns: the median of each figure, so that what befell one of them counts once; of the longest the longest. */
    static Latency of(List<Latency> turns) {
        return new Latency(
                turns.stream().mapToInt(Latency::requests).sum(),
                Median.of(turns, Latency::p50Ms),
                Median.of(turns, Latency::p95Ms),
                Median.of(turns, Latency::p99Ms),
                turns.stream().mapToDouble(Latency::maxMs).max().orElseThrow());
    }

    private static double percentile(long[] sorted, int percent) {
        return ms(sorted[Math.max(0, (int) Math.ceil(percent / 100.0 * sorted.length) - 1)]);
    }

    private static double ms(long nanos) {
        return nanos / 1e6;
    }
}
