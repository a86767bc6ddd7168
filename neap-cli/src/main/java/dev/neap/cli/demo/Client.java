package dev.neap.cli.demo;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One connection of the application, and its beat. */
abstract class Client implements Runnable {
    private static final Map<String, String> WORDS = Map.of(
            "40P01", "deadlock",
            "40001", "serialization failure",
            "23514", "no partition found for row",
            "55P03", "lock timeout",
            "57014", "cancelled");

    final Application application;
    final Random random;
    final long interval;
    private final String url;

    Client(Application application, String url, long seed, long interval) {
        this.application = application;
        this.url = url;
        this.random = new Random(seed);
        this.interval = interval;
    }

    /** One operation, from its first statement to its end. */
    abstract void operate(Connection connection) throws SQLException;

    /** How an error counts that {@link #operate} let through. */
    abstract void failed(SQLException e, long nanos);

    @Override
    public final void run() {
        while (application.running()) {
            try (Connection connection = DriverManager.getConnection(url)) {
                beat(connection);
            } catch (SQLException e) {
                // The server went away; it is asked again until the application is stopped.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            }
        }
    }

    private void beat(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        long next = System.nanoTime();
        while (application.running()) {
            // Jitter, or all clients would fall into step with each other.
            next += interval / 2 + random.nextLong(interval);
            long now = System.nanoTime();
            if (next > now) {
                LockSupport.parkNanos(next - now);
            } else {
                next = now;
            }
            long start = System.nanoTime();
            try {
                operate(connection);
            } catch (SQLException e) {
                failed(e, System.nanoTime() - start);
                connection.rollback();
            }
        }
    }

    static String cause(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return WORDS.getOrDefault(state, "error " + state);
    }

    static String firstLine(SQLException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
