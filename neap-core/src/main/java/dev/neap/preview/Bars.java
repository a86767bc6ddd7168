package dev.neap.preview;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Where the bars of a histogram stand: on round numbers, over the middle of a distribution. A few far values must not
 * squeeze all others into one bar, so the bars end where the range from the 5th to the 95th percentile, laid on once more
 * at each side, ends.
 *
 * @param from where the first bar begins
 * @param width of each bar, more than zero: 1, 2 or 5 times a power of ten
 * @param count 1 to {@link #MOST}
 */
public record Bars(BigDecimal from, BigDecimal width, int count) {
    /** More bars than these are not drawn. */
    public static final int MOST = 24;

    private static final int AIM = 20;

    /** Bars for a distribution with these smallest and largest values and percentiles. */
    public static Bars over(BigDecimal min, BigDecimal p5, BigDecimal p95, BigDecimal max) {
        BigDecimal middle = p95.subtract(p5);
        boolean spike = middle.signum() == 0;
        BigDecimal low = spike ? min : min.max(p5.subtract(middle));
        BigDecimal high = spike ? max : max.min(p95.add(middle));
        BigDecimal range = high.subtract(low);
        BigDecimal width = range.signum() == 0 ? ofOne(low) : round(range);
        BigDecimal from = low.divide(width, 0, RoundingMode.FLOOR).multiply(width);
        int count = high.subtract(from).divide(width, 0, RoundingMode.FLOOR).intValueExact() + 1;
        return new Bars(from, width, count);
    }

    /** Where the last bar ends. */
    public BigDecimal to() {
        return edge(count);
    }

    /** Where a bar begins, from 0 on. */
    public BigDecimal edge(int bar) {
        return from.add(width.multiply(BigDecimal.valueOf(bar)));
    }

    /** The width of the only bar, where every value is the same: in its last digit, and not wider. */
    private static BigDecimal ofOne(BigDecimal value) {
        return BigDecimal.ONE.scaleByPowerOfTen(
                -Math.max(0, value.stripTrailingZeros().scale()));
    }

    /** The next round number that makes at most about twenty bars of this range. */
    private static BigDecimal round(BigDecimal range) {
        BigDecimal exact = range.divide(BigDecimal.valueOf(AIM), MathContext.DECIMAL64);
        BigDecimal ten = BigDecimal.ONE.scaleByPowerOfTen(exact.precision() - exact.scale() - 1);
        for (int digit : new int[] {1, 2, 5}) {
            BigDecimal width = ten.multiply(BigDecimal.valueOf(digit));
            if (width.compareTo(exact) >= 0) {
                return width;
            }
        }
        return ten.multiply(BigDecimal.TEN);
    }
}
