package dev.neap.bench;

import dev.neap.testkit.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;

/** A way to rebuild the table, timed. */
interface Contender {
    String name();

    /** In one word, for a command line. */
    String key();

    /** The table that holds the result. */
    default String result() {
        return "bench.event";
    }

    /** Does it in this database, a fresh copy. */
    Timing run(PostgresServer server, String database) throws SQLException;

    /**
     * How long it took.
     *
     * @param apart parts of the total, by name; empty where it has none
     */
    record Timing(Duration total, Map<String, Duration> apart) {
        static Timing since(long start) {
            return new Timing(Duration.ofNanos(System.nanoTime() - start), Map.of());
        }
    }
}
