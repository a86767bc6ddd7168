package dev.neap.backfill;

import java.nio.file.Path;
import java.time.Duration;

/**
 * A signal that the user brings.
 *
 * @param name for people; no two of a backfill are alike
 * @param source what is asked
 * @param warning from this value on the run goes slower, at least 1; 1 for what is on or off
 * @param limit from this value on nothing is written, at least the warning level; 1 for what is on or off
 * @param every how often it is read, at least half a second
 * @param load whether it tells of the server's CPU or I/O
 */
public record OwnSignal(String name, Source source, int warning, int limit, Duration every, boolean load) {
    /** The least time between two readings. */
    static final Duration LEAST = Duration.ofMillis(500);

    /** What is asked. */
    public sealed interface Source {
        /** Whether it is on or off; otherwise it is a number. */
        default boolean flag() {
            return false;
        }
    }

    /** A query of the database that yields one number. */
    public record Sql(String sql) implements Source {}

    /** A query of Prometheus' language that yields one number. */
    public record Prometheus(WebAddress prometheus, String query) implements Source {}

    /** While this file is there, nothing is written. */
    public record File(Path file) implements Source {
        @Override
        public boolean flag() {
            return true;
        }
    }

    /** While this address answers with another status than one from 200 to 299, nothing is written. */
    public record Http(WebAddress http) implements Source {
        @Override
        public boolean flag() {
            return true;
        }
    }

    public OwnSignal {
        if (name.isBlank() || warning < 1 || limit < warning || every.compareTo(LEAST) < 0) {
            throw new IllegalArgumentException("a signal has a name, and 1 <= warning <= limit");
        }
    }
}
