package dev.neap.preview;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the numbers of a column change. Sums are over all rows looked at, without null, NaN and infinity. Floating-point
 * numbers count with 15 significant digits.
 *
 * @param sumBefore the sum of the live values
 * @param sumAfter the sum of the recomputed values
 * @param notMeasured rows whose number changes from or to NaN or infinity, which no difference says anything of
 * @param differences the distribution of after - before over the rows that change, without null, NaN and infinity; null
 *     where there are none
 */
public record NumberChange(
        BigDecimal sumBefore,
        BigDecimal sumAfter,
        long notMeasured,
        @Nullable Differences differences) {
    /**
     * A distribution of differences. Percentiles are differences that were seen.
     *
     * @param count how many, at least 1
     */
    public record Differences(
            long count,
            BigDecimal min,
            BigDecimal p5,
            BigDecimal p50,
            BigDecimal p95,
            BigDecimal max,
            BigDecimal mean,
            Histogram histogram) {}

    /**
     * How often differences fall where.
     *
     * @param below how many lie below the first bar, from the minimum on
     * @param bars bars of equal width without a gap, at least 1
     * @param above how many lie at or above the end of the last bar
     */
    public record Histogram(long below, List<Bar> bars, long above) {
        public Histogram {
            bars = List.copyOf(bars);
        }
    }

    /** How many differences lie in one bar: `from` is in it, `to` is not. */
    public record Bar(BigDecimal from, BigDecimal to, long count) {}
}
