package dev.neap.backfill;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A signal that the user brings: an SQL query or a file.
 *
 * @param name for people; no two of a backfill are alike
 * @param sql yields one number; null for a file
 * @param file while it is there, nothing is written; null for SQL
 * @param warning from this value of the query on the run goes slower, at least 1
 * @param limit from this value of the query on nothing is written, at least the warning level
 * @param every how often it is read, at least half a second
 */
public record OwnSignal(
        String name, @Nullable String sql, @Nullable Path file, int warning, int limit, Duration every) {
    /** The least time between two readings. */
    static final Duration LEAST = Duration.ofMillis(500);

    public OwnSignal {
        if ((sql == null) == (file == null)) {
            throw new IllegalArgumentException("a signal is a query or a file");
        }
        if (name.isBlank() || warning < 1 || limit < warning || every.compareTo(LEAST) < 0) {
            throw new IllegalArgumentException("a signal has a name, and 1 <= warning <= limit");
        }
    }
}
