package dev.neap.postgres.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.neap.testkit.PostgresServer;
import dev.neap.throttle.Batches;
import dev.neap.throttle.Reading;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The commits by which a run tells what others feel. */
class CommitTimeTest {
    /** Of half a second each. */
    private static final int READINGS = 15;

    private static final long BETWEEN_BATCHES_MS = 200;
    /** A signal that gives no value for so long is silent. */
    private static final Duration LATE = Duration.ofSeconds(2);

    /** A twelfth of the time is beside batches, so of 150 commits at random moments some 12 would meet one. */
    @Test
    void where_batches_are_few_enough_is_known_of_them_all_the_same() throws Exception {
        try (PostgresServer server = PostgresServer.start(18, Map.of())) {
            server.execute(
                    "postgres",
                    "CREATE SCHEMA neap",
                    "CREATE SEQUENCE neap.timed_commit",
                    "CREATE TABLE filled (a int, b text)");
            Batches batches = new Batches(System.nanoTime());
            CommitTime commits = new CommitTime(() -> server.connect("postgres"), 3, new BeforeRun(), batches);
            CommitDisturbance disturbance = new CommitDisturbance(1.3, commits.disturbance(), batches);
            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<Void> run = CompletableFuture.runAsync(() -> write(server, batches, over));
            try {
                Reading reading = Reading.none("none yet");
                for (int i = 0; i < READINGS; i++) {
                    assertThat(commits.read().missing()).matches("|.* measured, .*");
                    reading = disturbance.read();
                }
                assertThat(reading.missing()).isEmpty();
                assertThat(reading.about()).contains(" ms, between batches ");
            } finally {
                over.set(true);
                run.get();
                commits.close();
            }
        }
    }

    /** A partition that is loaded by one statement is a batch of minutes, or hours. */
    @Test
    void a_reading_is_not_late_beside_a_batch_that_is_long() throws Exception {
        try (PostgresServer server = PostgresServer.start(18, Map.of())) {
            server.execute("postgres", "CREATE SCHEMA neap", "CREATE SEQUENCE neap.timed_commit");
            Batches batches = new Batches(System.nanoTime());
            batches.began(System.nanoTime() - Duration.ofHours(1).toNanos());
            batches.ended(System.nanoTime());
            CommitTime commits = new CommitTime(() -> server.connect("postgres"), 3, new BeforeRun(), batches);
            // Of those between batches some are known, and of those beside none.
            commits.read();
            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<Void> run = CompletableFuture.runAsync(() -> {
                while (!over.get()) {
                    batches.began(System.nanoTime());
                    LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
                }
            });
            try {
                for (int i = 0; i < 3; i++) {
                    assertTimeoutPreemptively(LATE, commits::read);
                }
            } finally {
                over.set(true);
                run.get();
                commits.close();
            }
        }
    }

    private static void write(PostgresServer server, Batches batches, AtomicBoolean over) {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            while (!over.get()) {
                batches.began(System.nanoTime());
                statement.execute("INSERT INTO filled SELECT g, repeat('x', 100) FROM generate_series(1, 1000) g");
                batches.ended(System.nanoTime());
                Thread.sleep(BETWEEN_BATCHES_MS);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
