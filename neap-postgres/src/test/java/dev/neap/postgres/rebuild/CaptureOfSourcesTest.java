package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult.Outcome;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Stalls;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Capture on several tables that a recompute reads. */
class CaptureOfSourcesTest {
    private final PostgresServer server = PostgresServer.newest();

    @Test
    void while_one_table_is_waited_for_writers_of_the_others_go_on() throws Exception {
        Revenue revenue = new Revenue(server, "capture_of_sources");
        // What it writes would be captured; a writer's lock is enough.
        revenue.execute("CREATE FUNCTION as_a_writer() RETURNS int LANGUAGE plpgsql AS"
                + " 'BEGIN LOCK TABLE fx IN ROW EXCLUSIVE MODE; RETURN 1; END'");
        CompletableFuture<Void> vacuumed = new CompletableFuture<>();
        Stalls writers = new Stalls(server, revenue.database, "SELECT as_a_writer()");
        Once once = new Once(Point.BEFORE_CAPTURE, () -> {
            Connection vacuum = asAVacuum(revenue);
            new Thread(() -> {
                        try (vacuum) {
                            Awaitility.await()
                                    .atMost(Duration.ofSeconds(15))
                                    .until(() -> waits(revenue).contains("waits for writers, to start capture"));
                            vacuum.commit();
                            vacuumed.complete(null);
                        } catch (SQLException | RuntimeException | Error e) {
                            vacuumed.completeExceptionally(e);
                        }
                    })
                    .start();
        });

        try (writers) {
            assertThat(revenue.run(once).outcome())
                    .as(revenue.events.toString())
                    .isEqualTo(Outcome.DONE);
        }

        vacuumed.get(20, TimeUnit.SECONDS);
        assertThat(writers.longestMs())
                .as("the longest stall of a writer of another table, ms")
                .isLessThan(Ledger.QUICK.lockDeadline().toMillis() + 500);
        assertThat(waits(revenue)).contains("holds ShareUpdateExclusiveLock on raw_2026");
        assertThat(revenue.wrong()).isZero();
    }

    /** A VACUUM that somebody started: it does not give way. */
    private Connection asAVacuum(Revenue revenue) {
        try {
            Connection c = server.connect(revenue.database);
            c.setAutoCommit(false);
            try (Statement s = c.createStatement()) {
                s.execute("LOCK TABLE raw_2026 IN SHARE UPDATE EXCLUSIVE MODE");
            }
            return c;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String waits(Revenue revenue) {
        return revenue.events.stream()
                .filter(RunEvent.Waiting.class::isInstance)
                .map(Object::toString)
                .reduce("", (a, b) -> a + "\n" + b);
    }
}
