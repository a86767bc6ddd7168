package dev.neap.postgres.planning;

import java.util.regex.Pattern;

/** Words of SQL that yield the time: the same within a transaction, another in the next. */
public final class Clocks {
    static final Pattern WORDS = Pattern.compile(
            "\\b(now|transaction_timestamp|statement_timestamp)\\s*\\(|\\b(current_(date|time|timestamp)|localtime(stamp)?)\\b",
            Pattern.CASE_INSENSITIVE);

    private Clocks() {}

    /**
     * Whether it reads the clock.
     *
     * @param masked SQL without what stands in quotes and comments
     */
    public static boolean in(String masked) {
        return WORDS.matcher(masked).find();
    }
}
