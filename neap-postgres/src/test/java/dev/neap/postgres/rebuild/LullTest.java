package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LullTest {
    private static final long NOBODY = -1;

    /** Less than what it waits for one that does not end. */
    private static final Duration SHORT = Duration.ofMillis(390);

    /** On a machine that is busy with other things a short wait may take long: one that was short will do. */
    private static final int MOST_TRIES = 10;

    @Test
    void each_request_may_take_twice_as_long_as_the_one_before_up_to_the_deadline() {
        Lull lull = new Lull(Duration.ofMillis(150));

        assertThat(Stream.generate(lull::nextRequest).limit(5))
                .extracting(Duration::toMillis)
                .containsExactly(25L, 50L, 100L, 150L, 150L);
    }

    @Test
    void waits_until_a_transaction_on_the_table_is_over() throws Exception {
        PostgresServer server = PostgresServer.newest();
        String database = server.createDatabase("lull_ends");
        try (Connection reader = reading(server, database);
                Connection asker = server.connect(database)) {
            Duration waited = SHORT;
            for (int i = 0; i < MOST_TRIES && waited.compareTo(SHORT) >= 0; i++) {
                CompletableFuture<Long> end = CompletableFuture.supplyAsync(() -> endAfter(reader, 200));
                waited = waited(asker);
                long over = System.nanoTime();
                assertThat(waited.compareTo(SHORT) >= 0 || over - end.join() >= 0)
                        .as("it waited %s, and until the transaction was over", waited)
                        .isTrue();
                end.join();
                read(reader);
            }
            assertThat(waited).isLessThan(SHORT);
        }
    }

    @Test
    void does_not_wait_for_ever() throws Exception {
        PostgresServer server = PostgresServer.newest();
        String database = server.createDatabase("lull_never");
        try (Connection reader = reading(server, database);
                Connection asker = server.connect(database)) {
            assertThat(waited(asker)).isBetween(Duration.ofMillis(400), Duration.ofSeconds(5));
            reader.rollback();
            Duration waited = SHORT;
            for (int i = 0; i < MOST_TRIES && waited.compareTo(SHORT) >= 0; i++) {
                waited = waited(asker);
            }
            assertThat(waited).isLessThan(SHORT);
        }
    }

    private static Connection reading(PostgresServer server, String database) throws Exception {
        server.execute(database, "CREATE TABLE looked_at (id int)");
        Connection reader = server.connect(database);
        reader.setAutoCommit(false);
        read(reader);
        return reader;
    }

    private static void read(Connection reader) throws Exception {
        try (Statement statement = reader.createStatement()) {
            statement.executeQuery("SELECT count(*) FROM looked_at").close();
        }
        Thread.sleep(50);
    }

    private static Duration waited(Connection asker) throws SQLException {
        long table;
        try (Statement statement = asker.createStatement();
                var row = statement.executeQuery("SELECT 'looked_at'::regclass::oid::bigint")) {
            row.next();
            table = row.getLong(1);
        }
        long start = System.nanoTime();
        new Lull(Duration.ofMillis(500)).await(asker, List.of(table), NOBODY);
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Returns when it began to end it. */
    private static long endAfter(Connection reader, long millis) {
        try {
            Thread.sleep(millis);
            long end = System.nanoTime();
            reader.rollback();
            return end;
        } catch (SQLException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
