package dev.neap.backfill;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How many times as much, as people write it: `1.5x`.
 *
 * @param times over 1
 */
public record Times(double times) {
    /** What {@link #parse} takes, for schemas; it also wants more than 1. */
    static final String PATTERN = "^[0-9]{1,3}([.][0-9]{1,2})? ?x$";

    private static final Pattern WHOLE = Pattern.compile(PATTERN);

    public Times {
        if (!(times > 1)) {
            throw new IllegalArgumentException("more is over 1");
        }
    }

    /** The factor, or empty when the text is none. */
    public static Optional<Times> parse(String text) {
        String trimmed = text.strip();
        if (!WHOLE.matcher(trimmed).matches()) {
            return Optional.empty();
        }
        BigDecimal times = new BigDecimal(trimmed.replace("x", "").strip());
        return times.compareTo(BigDecimal.ONE) > 0 ? Optional.of(new Times(times.doubleValue())) : Optional.empty();
    }

    @Override
    public String toString() {
        return BigDecimal.valueOf(times).stripTrailingZeros().toPlainString() + "x";
    }
}
