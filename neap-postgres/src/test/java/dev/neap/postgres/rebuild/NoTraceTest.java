package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.TableName;
import dev.neap.control.Wish;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.CatalogDescription;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Everything that Neap made goes again; all of it done by a role with just the privileges that `neap grants` prints. */
class NoTraceTest {
    private static final Tuning TUNING = Ledger.QUICK;

    private static Ledger asLeastRole(PostgresServer server, String database) {
        Ledger ledger = new Ledger(server, database).withRows(1_000);
        String role = "least_" + database;
        server.execute(
                database,
                "CREATE ROLE owner_" + database,
                "ALTER TABLE ledger OWNER TO owner_" + database,
                "ALTER TABLE ledger_1 OWNER TO owner_" + database,
                "ALTER TABLE ledger_2 OWNER TO owner_" + database,
                "ALTER TABLE ledger_3 OWNER TO owner_" + database,
                "ALTER TABLE ledger_rest OWNER TO owner_" + database,
                "CREATE ROLE " + role + " LOGIN");
        List<String> grants = ledger.engine().grants(new TableName("public", "ledger"), role);
        server.execute(
                database, grants.stream().filter(g -> !g.startsWith("--")).toArray(String[]::new));
        return ledger;
    }

    private static Engine engine(Ledger ledger) {
        return new Neap(
                new PostgresDialect(),
                ledger.server.target(ledger.database, "least_" + ledger.database),
                TUNING,
                Probe.NONE);
    }

    private static List<String> catalog(Ledger ledger) {
        try (Connection c = ledger.server.connect(ledger.database)) {
            return CatalogDescription.ofDatabase(c);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void leavesNoTrace(PostgresServer server, String database) {
        Ledger ledger = asLeastRole(server, database);
        List<String> before = catalog(ledger);
        Engine engine = engine(ledger);

        RunResult result = engine.run(engine.plan(ledger.backfill()), RunListener.SILENT, new Stop());

        assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(engine.cleanup()).as("kept for 7 days").isEmpty();
        assertThatThrownBy(() -> engine.uninstall(false))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("neap_kept_1")
                .hasMessageContaining("--force");
        engine.uninstall(true);
        assertThat(catalog(ledger)).isEqualTo(before);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2")).isEqualTo(3_000);
    }

    @Test
    void cleanup_and_uninstall_leave_the_catalog_as_it_was_on_the_newest_version() {
        leavesNoTrace(PostgresServer.newest(), "trace_newest");
    }

    @Test
    void cleanup_and_uninstall_leave_the_catalog_as_it_was_on_the_oldest_version() {
        leavesNoTrace(PostgresServer.oldest(), "trace_oldest");
    }

    @Test
    void a_run_that_was_given_up_half_done_leaves_nothing_after_cleanup_but_what_is_kept() {
        Ledger ledger = asLeastRole(PostgresServer.newest(), "trace_abandoned");
        List<String> before = catalog(ledger);
        Stop stop = new Stop();
        Engine stopping = new Neap(
                new PostgresDialect(),
                ledger.server.target(ledger.database, "least_trace_abandoned"),
                TUNING,
                point -> {
                    if (point == Point.AFTER_INDEX) {
                        stop.request("in the middle");
                    }
                });
        RunResult result = stopping.run(stopping.plan(ledger.backfill()), RunListener.SILENT, stop);
        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.STOPPED);
        Engine engine = engine(ledger);
        assertThat(engine.cleanup()).as("its run is not finished").isEmpty();

        assertThat(engine.abandon("fix-amount")).isTrue();
        engine.cleanup();
        engine.uninstall(true);

        assertThat(catalog(ledger)).isEqualTo(before);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 1")).isEqualTo(3_000);
    }

    @Test
    void when_a_run_has_ended_no_session_of_it_is_left() {
        Ledger ledger = new Ledger(PostgresServer.newest(), "trace_sessions").withRows(100);

        assertThat(ledger.run(Probe.NONE).outcome()).isEqualTo(RunResult.Outcome.DONE);

        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> ledger.number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND application_name LIKE 'neap%'")
                        == 0);
    }

    @Test
    void a_person_stops_a_run_with_one_update() {
        Ledger ledger = new Ledger(PostgresServer.newest(), "trace_stopped").withRows(1_000);
        Probe probe = new Once(
                Point.AFTER_LOAD_BATCH,
                () -> ledger.server.execute(ledger.database, "UPDATE neap.run SET wish = 'stop' WHERE id = 1"));

        RunResult result = ledger.run(point -> {
            probe.at(point);
            if (point == Point.AFTER_LOAD_BATCH) {
                sleep(Duration.ofMillis(1_500));
            }
        });

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.STOPPED);
        assertThat(ledger.run(Probe.NONE).outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2")).isZero();
    }

    @Test
    void a_run_is_paused_and_resumed_from_elsewhere() {
        Ledger ledger = new Ledger(PostgresServer.newest(), "trace_paused").withRows(1_000);
        Engine elsewhere = ledger.engine();
        CompletableFuture<List<RunEvent>> meanwhile = new CompletableFuture<>();
        Probe probe = new Once(Point.AFTER_LOAD_BATCH, () -> {
            elsewhere.wish("fix-amount", Wish.PAUSE);
            new Thread(() -> {
                        try {
                            ledger.awaitSaid("paused");
                            int said = ledger.events.size();
                            sleep(Duration.ofSeconds(1));
                            meanwhile.complete(ledger.events.stream().skip(said).toList());
                        } catch (RuntimeException | Error e) {
                            meanwhile.completeExceptionally(e);
                        } finally {
                            elsewhere.wish("fix-amount", Wish.RUN);
                        }
                    })
                    .start();
            // A wish is heard by the next heartbeat but one.
            sleep(TUNING.lease().dividedBy(2));
        });

        RunResult result = ledger.run(probe);

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(meanwhile.join()).as("what it did while it was paused").isEmpty();
    }

    private static void sleep(Duration howLong) {
        try {
            Thread.sleep(howLong.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
