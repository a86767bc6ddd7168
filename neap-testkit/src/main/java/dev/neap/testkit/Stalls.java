package dev.neap.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * How long a reader is held up, who does nothing but read until it is closed. Beside it a session that nobody can be in
 * the way of says how late this machine is at that moment: what is late anyhow is no stall.
 */
public final class Stalls implements AutoCloseable {
    /** A statement waits for its server's process and for its own answer; each may be late. */
    private static final int HOPS = 2;

    private static final long PAUSE_NANOS = 2_000_000;

    /** What took no longer is not remembered. */
    private static final long SHORT_NANOS = 20_000_000;

    /** Something that took from one moment to another, on the clock of {@code System.nanoTime}. */
    private record Span(long beganNanos, long endedNanos) {
        long nanos() {
            return endedNanos - beganNanos;
        }

        boolean overlaps(Span other) {
            return beganNanos - other.endedNanos < 0 && other.beganNanos - endedNanos < 0;
        }
    }

    private final ConcurrentLinkedQueue<Span> reads = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Span> machine = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads;
    private volatile boolean stopping;

    /**
     * Starts both.
     *
     * @param statements what the reader reads again and again, in one round
     */
    public Stalls(PostgresServer server, String database, String... statements) {
        threads = List.of(
                new Thread(() -> look(server, database, reads, statements), "stalled reader"),
                new Thread(() -> look(server, database, machine, "SELECT 1"), "machine"));
        threads.forEach(Thread::start);
    }

    private void look(PostgresServer server, String database, ConcurrentLinkedQueue<Span> spans, String... statements) {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            while (!stopping) {
                long began = System.nanoTime();
                for (String sql : statements) {
                    statement.executeQuery(sql).close();
                }
                Span span = new Span(began, System.nanoTime());
                if (span.nanos() > SHORT_NANOS) {
                    spans.add(span);
                }
                TimeUnit.NANOSECONDS.sleep(PAUSE_NANOS);
            }
        } catch (SQLException e) {
            refused.add(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The longest round of the reader in milliseconds, less what the machine was late meanwhile. */
    public long longestMs() {
        if (!refused.isEmpty()) {
            throw new IllegalStateException("a reader was refused: " + refused);
        }
        long longest = 0;
        for (Span read : reads) {
            long late = machine.stream()
                    .filter(read::overlaps)
                    .mapToLong(Span::nanos)
                    .max()
                    .orElse(0);
            longest = Math.max(longest, read.nanos() - HOPS * late);
        }
        return TimeUnit.NANOSECONDS.toMillis(longest);
    }

    /** Ends both; what they saw stays. */
    @Override
    public void close() {
        stopping = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
