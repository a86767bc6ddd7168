package dev.neap.backfill;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A share as people write it: `0.01%`.
 *
 * @param share from 0 to 1
 */
public record Share(double share) {
    /** What {@link #parse} takes, for schemas; it also wants 100 % at most. */
    static final String PATTERN = "^[0-9]{1,3}([.][0-9]{1,6})? ?%$";

    private static final Pattern WHOLE = Pattern.compile(PATTERN);

    public Share {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("a share is from 0 to 1");
        }
    }

    /** The share, or empty when the text is none. */
    public static Optional<Share> parse(String text) {
        String trimmed = text.strip();
        if (!WHOLE.matcher(trimmed).matches()) {
            return Optional.empty();
        }
        BigDecimal share = new BigDecimal(trimmed.replace("%", "").strip()).movePointLeft(2);
        return share.compareTo(BigDecimal.ONE) > 0 ? Optional.empty() : Optional.of(new Share(share.doubleValue()));
    }

    @Override
    public String toString() {
        return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString() + "%";
    }
}
