package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.BreakerLimits;
import dev.neap.backfill.Environment;
import dev.neap.backfill.OnBreaker;
import dev.neap.backfill.Schedule;
import dev.neap.backfill.ServerSignals;
import dev.neap.backfill.Throttle;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Plan;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The breaker ends a rebuild, and the file says that what it swapped is to be put back. */
class AfterBreakerTest {
    private final PostgresServer server = PostgresServer.newest();

    @TempDir
    Path folder;

    private static final String NEW_ROWS = "SELECT count(*) FROM ledger WHERE form = 2";

    /** Over this lag of the standby nothing is written. */
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private static final Duration STILL_PAUSED = Duration.ofSeconds(10);

    private static Backfill watched(Backfill backfill) {
        return new Backfill(
                backfill.name(),
                backfill.profile(),
                backfill.rebuild(),
                backfill.pace(),
                backfill.batchRows(),
                backfill.failureLimit(),
                backfill.assertions(),
                backfill.replicas(),
                new Throttle(LIMIT, true, false, List.of(), null, ServerSignals.NONE, Schedule.ALWAYS),
                new BreakerLimits(0.0001, Duration.ofMillis(1_500), 60, null, OnBreaker.UNDO));
    }

    @Test
    void what_was_swapped_before_it_tripped_is_put_back_when_the_replica_has_caught_up() throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby()) {
            Ledger ledger = new Ledger(primary, "after_breaker").withRows(1_000);
            primary.awaitReplay(standby);
            Engine engine = ledger.engine(Ledger.QUICK, new Once(Point.AFTER_SWAP, () -> {
                standby.execute(PostgresServer.ADMIN, "SELECT pg_wal_replay_pause()");
                // The run goes on when its signal has seen that: a quick machine would be done before.
                ledger.events.clear();
                ledger.awaitSaid("verdict=WAIT");
            }));
            CompletableFuture<Void> run = CompletableFuture.runAsync(
                    () -> engine.run(engine.plan(watched(ledger.backfill())), ledger.events::add, new Stop()));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> run.isDone() || ledger.events.toString().contains("is put back now"));
            assertThat(ledger.number(NEW_ROWS)).as("it had swapped some").isPositive();
            // The usual limit of an undo, 5 s for a tenth of its patience, has been passed by then.
            Thread.sleep(STILL_PAUSED.toMillis());
            assertThat(run).isNotDone();
            standby.execute(PostgresServer.ADMIN, "SELECT pg_wal_replay_resume()");

            assertThatThrownBy(() -> run.get(120, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.BREAKER))
                    .hasMessageContaining("replica lag of standby")
                    .hasMessageContaining("what it had swapped is put back, ");
            assertThat(ledger.number(NEW_ROWS)).isZero();
            assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(3_000);
            assertThat(ledger.number("SELECT count(*) FROM neap.event WHERE kind = 'breaker'"))
                    .isEqualTo(1);
        }
    }

    /** Every row that a shadow lacks is an error: the second partition trips the breaker, and none is swapped. */
    private static Probe losesRows(Ledger ledger, String table, String more) {
        return point -> {
            if (point == Point.BEFORE_VERIFY) {
                ledger.server.execute(ledger.database, """
                        DO $$ DECLARE shadow regclass; BEGIN
                            FOR shadow IN SELECT oid FROM pg_class WHERE relnamespace::regnamespace::text ~ '^neap_work_'
                                            AND relkind = 'r' AND relname ~ '^%s_[0-9]+$'
                            LOOP EXECUTE format('DELETE FROM %%s WHERE id %%%% 5 = 0', shadow); END LOOP;
                            %s
                        END $$
                        """.formatted(table, more));
            }
        };
    }

    private Backfill undoneOf(String table) throws IOException {
        Path file = folder.resolve("fix.yaml");
        Files.writeString(file, """
                backfill: fix-amount
                profile: dev
                rebuild:
                  table: %s
                  set: { form: "2" }
                  already_right: form = 2
                breaker: { on_breaker: undo }
                """.formatted(table));
        return BackfillFile.read(file, Environment.system()).backfill();
    }

    @Test
    void another_run_of_the_same_name_is_left_alone() throws Exception {
        Ledger ledger = new Ledger(server, "after_breaker_other").withRows(300);
        assertThat(ledger.run(Probe.NONE).outcome()).isEqualTo(RunResult.Outcome.DONE);
        server.execute(
                ledger.database,
                "CREATE TABLE other (day date, id bigint, form int, PRIMARY KEY (day, id)) PARTITION BY RANGE (day)",
                "CREATE TABLE other_1 PARTITION OF other FOR VALUES FROM ('2026-01-01') TO ('2026-01-02')",
                "CREATE TABLE other_2 PARTITION OF other FOR VALUES FROM ('2026-01-02') TO ('2026-01-03')",
                "INSERT INTO other SELECT date '2026-01-01' + i % 2, i, 1 FROM generate_series(1, 200) AS i",
                "ANALYZE other");
        Engine engine = ledger.engine(losesRows(ledger, "other", ""));
        Plan plan = engine.plan(undoneOf("other"));

        assertThatThrownBy(() -> engine.run(plan, ledger.events::add, new Stop()))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.BREAKER))
                .hasMessageContaining("nothing was swapped yet that could be put back");
        assertThat(ledger.number(NEW_ROWS)).isEqualTo(900);
        assertThat(ledger.text("SELECT string_agg(state, ',' ORDER BY id) FROM neap.run"))
                .isEqualTo("done,stopped");
    }

    @Test
    void no_lease_is_in_its_way_when_the_session_of_the_run_was_lost() throws Exception {
        Ledger ledger = new Ledger(server, "after_breaker_lost").withRows(300);
        Engine engine = ledger.engine(losesRows(ledger, "ledger", """
                PERFORM pg_terminate_backend(pid) FROM (
                    SELECT pid FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'neap run control'
                    ORDER BY backend_start LIMIT 1) AS own;
                """));
        Plan plan = engine.plan(undoneOf("ledger"));

        assertThatThrownBy(() -> engine.run(plan, 2, ledger.events::add, new Stop()))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.BREAKER))
                .hasMessageContaining("nothing was swapped yet that could be put back");
        assertThat(ledger.number("SELECT count(*) FROM neap.worker WHERE expires_at > clock_timestamp()"))
                .isZero();
    }
}
