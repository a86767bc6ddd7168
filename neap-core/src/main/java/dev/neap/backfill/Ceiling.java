package dev.neap.backfill;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A rate as people write it: `5000 rows/s`, or `none`.
 *
 * @param rate the ceiling; null for none
 */
public record Ceiling(@Nullable RowsPerSecond rate) {
    /** What {@link #parse} takes, for schemas. */
    static final String PATTERN = "^(none|[1-9][0-9]{0,11} ?rows/s)$";

    private static final Pattern ROWS = Pattern.compile("([1-9][0-9]{0,11}) ?rows/s");

    /** The ceiling, or empty when the text is none of these. */
    public static Optional<Ceiling> parse(String text) {
        String trimmed = text.strip();
        if (trimmed.equals("none")) {
            return Optional.of(new Ceiling(null));
        }
        Matcher rows = ROWS.matcher(trimmed);
        return rows.matches()
                ? Optional.of(new Ceiling(new RowsPerSecond(Long.parseLong(rows.group(1)))))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return rate == null ? "none" : rate.toString();
    }
}
