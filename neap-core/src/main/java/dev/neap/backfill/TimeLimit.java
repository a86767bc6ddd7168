package dev.neap.backfill;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A limit in time as people write it: `2s`, or `none`.
 *
 * @param limit half a second or more, since nothing is read oftener than twice a second; null for none
 */
public record TimeLimit(@Nullable Duration limit) {
    /** What {@link #parse} takes, for schemas; it also wants half a second or more. */
    static final String PATTERN = Durations.PATTERN.replace("^(0|", "^(none|");

    private static final Duration LEAST = Duration.ofMillis(500);

    /** The limit, or empty when the text is none of these. */
    public static Optional<TimeLimit> parse(String text) {
        if (text.strip().equals("none")) {
            return Optional.of(new TimeLimit(null));
        }
        return Durations.parse(text)
                .filter(limit -> limit.compareTo(LEAST) >= 0)
                .map(TimeLimit::new);
    }

    @Override
    public String toString() {
        return limit == null ? "none" : Durations.write(limit);
    }
}
