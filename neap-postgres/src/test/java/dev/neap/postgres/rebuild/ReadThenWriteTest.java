package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A transaction of the application that has read a table of the swap writes it while the swap wants its locks. It holds a
 * lock that the swap waits for, and asks for one that the swap holds: where the swap already waits, it is the one that
 * the server ends.
 */
class ReadThenWriteTest {
    private final PostgresServer server = PostgresServer.newest();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT count(*) FROM ledger; UPDATE ledger SET note = 'mine' WHERE id = 5",
                "SELECT count(*) FROM ledger; INSERT INTO ledger VALUES ('2026-01-03', 100077, 1, 1, 1, 'mine')",
                "SELECT count(*) FROM account; UPDATE account SET name = 'mine' WHERE id = 7"
            })
    void it_is_no_victim_of_a_deadlock(String statements) throws Exception {
        Ledger ledger = new Ledger(server, "read_then_write").withRows(300);
        List<String> refused = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> application = new CompletableFuture<>();
        String[] readAndWrite = statements.split("; ", -1);
        Once once = new Once(Point.OLD_SNAPSHOTS_GONE, () -> {
            try {
                Connection c = server.connect(ledger.database);
                c.setAutoCommit(false);
                execute(c, readAndWrite[0]);
                new Thread(() -> {
                            try (c) {
                                awaitRequest(ledger);
                                execute(c, readAndWrite[1]);
                                c.commit();
                            } catch (SQLException e) {
                                refused.add(e.getMessage());
                            } finally {
                                application.complete(null);
                            }
                        })
                        .start();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });

        RunResult result = ledger.run(once);

        application.get(20, TimeUnit.SECONDS);
        assertThat(once.did()).isTrue();
        assertThat(refused).isEmpty();
        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    /** From the second request on writers are held off first, by a lock that one who has read may not wait for in vain. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT count(*) FROM ledger; UPDATE ledger SET note = 'mine' WHERE id = 5",
                "SELECT count(*) FROM account; UPDATE account SET name = 'mine' WHERE id = 7"
            })
    void nor_where_the_swap_asks_again(String statements) throws Exception {
        Ledger ledger = new Ledger(server, "read_then_write_again").withRows(300);
        List<String> refused = new CopyOnWriteArrayList<>();
        String[] readAndWrite = statements.split("; ", -1);
        AtomicInteger requests = new AtomicInteger();
        CountDownLatch again = new CountDownLatch(1);
        CompletableFuture<Void> application = new CompletableFuture<>();
        Probe probe = point -> {
            if (point == Point.OLD_SNAPSHOTS_GONE && requests.incrementAndGet() == 1) {
                CountDownLatch read = new CountDownLatch(1);
                new Thread(() -> {
                            try (Connection c = server.connect(ledger.database)) {
                                c.setAutoCommit(false);
                                execute(c, readAndWrite[0]);
                                read.countDown();
                                again.await(3, TimeUnit.SECONDS);
                                Thread.sleep(10);
                                execute(c, readAndWrite[1]);
                                c.commit();
                            } catch (SQLException | InterruptedException e) {
                                refused.add(String.valueOf(e.getMessage()));
                            } finally {
                                application.complete(null);
                            }
                        })
                        .start();
                awaitQuietly(read);
            } else if (point == Point.OLD_SNAPSHOTS_GONE && requests.get() == 2) {
                again.countDown();
            }
        };

        RunResult result = ledger.run(probe);

        application.get(20, TimeUnit.SECONDS);
        assertThat(requests.get()).isGreaterThan(2);
        assertThat(refused).isEmpty();
        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void execute(Connection c, String sql) throws SQLException {
        try (Statement s = c.createStatement()) {
            s.execute(sql);
        }
    }

    /** Until somebody waits for an exclusive lock; not longer than the first request does. */
    private static void awaitRequest(Ledger ledger) {
        String waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'";
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(15);
        while (ledger.number(waits) == 0 && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }
}
