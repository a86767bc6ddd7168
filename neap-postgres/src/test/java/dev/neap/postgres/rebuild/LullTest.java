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
            CompletableFuture<Void> end = CompletableFuture.runAsync(() -> endAfter(reader, 200));
            assertThat(waited(asker)).isBetween(Duration.ofMillis(150), Duration.ofMillis(390));
            end.join();
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
            assertThat(waited(asker)).isLessThan(Duration.ofMillis(390));
        }
    }

    private static Connection reading(PostgresServer server, String database) throws Exception {
        server.execute(database, "CREATE TABLE looked_at (id int)");
        Connection reader = server.connect(database);
        reader.setAutoCommit(false);
        try (Statement statement = reader.createStatement()) {
            statement.executeQuery("SELECT count(*) FROM looked_at").close();
        }
        Thread.sleep(50);
        return reader;
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

    private static void endAfter(Connection reader, long millis) {
        try {
            Thread.sleep(millis);
            reader.rollback();
        } catch (SQLException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
