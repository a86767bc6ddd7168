package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Backfill;
import dev.neap.control.RunStatus;
import dev.neap.dialect.NeapException;
import dev.neap.postgres.Hand;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.run.SignalsNow;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import dev.neap.throttle.Decision.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that heeds its signals. */
class ThrottledFillTest {
    /** As fast as it goes: what is left when all has been seen. */
    private static final String FAST = "fill: { into: items, set: { twice: price * 2 } }\n";

    private static final String FILL = FAST + "pace: { rate: 2000 rows/s }\n";

    private final List<RunEvent.SpeedChanged> changes = new CopyOnWriteArrayList<>();

    private final List<String> notes = new CopyOnWriteArrayList<>();

    @TempDir
    Path folder;

    private static void items(FillDatabase db, int rows) throws SQLException {
        db.execute(
                "CREATE TABLE items (id int PRIMARY KEY, price int, twice int)",
                "INSERT INTO items SELECT n, n FROM generate_series(1, " + rows + ") n",
                "VACUUM ANALYZE items");
    }

    private static long filled(FillDatabase db) throws SQLException {
        return db.number("SELECT count(*) FROM items WHERE twice = price * 2");
    }

    private CompletableFuture<RunResult> run(Neap neap, Backfill backfill) {
        return CompletableFuture.supplyAsync(() -> neap.run(neap.plan(backfill), 2, this::heard, new Stop()));
    }

    private void heard(RunEvent event) {
        if (event instanceof RunEvent.SpeedChanged changed) {
            changes.add(changed);
        } else if (event instanceof RunEvent.Note note) {
            notes.add(note.text());
        }
    }

    private interface Condition {
        boolean holds() throws SQLException;
    }

    private void await(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("%s; %s", what, changes).isLessThan(end);
            Thread.sleep(20);
        }
    }

    /** By itself, and says for how long it waited and why. */
    private void goesOn() throws Exception {
        await("it goes on", () -> !waits());
        assertThat(changes.get(changes.size() - 1).decision().why()).matches("goes on after \\d+ s: replica lag .*");
    }

    private boolean waits() {
        return !changes.isEmpty() && changes.get(changes.size() - 1).decision().verdict() == Verdict.WAIT;
    }

    @Test
    void a_replica_that_does_not_replay_makes_it_wait_and_it_goes_on_by_itself() throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby();
                FillDatabase db = FillDatabase.create(primary)) {
            items(db, 12_000);
            primary.awaitReplay(standby);
            Backfill backfill = db.backfill("prod", FILL + "throttle: { replica_lag: 1s }\n");
            Neap neap = db.neap(Probe.NONE);
            CompletableFuture<RunResult> run = run(neap, backfill);
            await("some rows are filled", () -> filled(db) > 1_000);

            standby.execute("postgres", "SELECT pg_wal_replay_pause()");
            long paused = System.nanoTime();
            await("it waits", this::waits);
            // The limit, a polling time, and room for a machine that is busy.
            assertThat(Duration.ofNanos(System.nanoTime() - paused)).isLessThan(Duration.ofSeconds(10));
            Thread.sleep(500);
            long before = filled(db);
            Thread.sleep(1_500);
            assertThat(filled(db)).as("nothing is written while it waits").isEqualTo(before);
            RunStatus status = neap.status("test", 5).orElseThrow();
            assertThat(status.speed())
                    .startsWith("wait: replica lag of standby")
                    .contains("its limit 1 s");
            assertThat(status.current().toString()).contains("wait: replica lag of standby");

            standby.execute("postgres", "SELECT pg_wal_replay_resume()");
            goesOn();

            standby.execute("postgres", "ALTER SYSTEM SET recovery_min_apply_delay = '5s'", "SELECT pg_reload_conf()");
            await("it waits for one that is late on purpose", this::waits);
            standby.execute("postgres", "ALTER SYSTEM RESET recovery_min_apply_delay", "SELECT pg_reload_conf()");
            goesOn();

            standby.stop();
            await(
                    "it waits for one that is cut off",
                    () -> waits() && changes.toString().contains("it is gone"));
            standby.start();
            goesOn();

            assertThat(run.get(60, TimeUnit.SECONDS).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(filled(db)).isEqualTo(12_000);
            assertThat(db.number("SELECT count(*) FROM neap.event WHERE kind = 'speed' AND message LIKE 'wait: %'"))
                    .isPositive();
            assertThat(neap.status("test", 5).orElseThrow().speed())
                    .as("it is at an end")
                    .isNull();
        }
    }

    @Test
    void a_login_that_is_taken_away_in_the_middle_is_waited_for_and_in_vain_it_stops_with_its_checkpoint()
            throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            items(db, 3_000);
            db.execute("DROP ROLE IF EXISTS filler", "CREATE ROLE filler LOGIN SUPERUSER");
            Neap neap = db.patientAs("filler", Duration.ofSeconds(3));
            Backfill backfill = db.backfill("dev", FILL);
            CompletableFuture<RunResult> run = run(neap, backfill);
            await("some rows are filled", () -> filled(db) > 0);

            lockOut(db);
            await("it attaches again", () -> notes.toString().contains("attaches again: role \"filler\" is not"));
            db.execute("ALTER ROLE filler LOGIN");
            assertThat(run.get(60, TimeUnit.SECONDS).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(filled(db)).isEqualTo(3_000);

            db.execute("UPDATE items SET twice = NULL");
            run = run(neap, backfill);
            await("some rows are filled", () -> filled(db) > 0);
            lockOut(db);
            assertThat(run)
                    .failsWithin(Duration.ofSeconds(60))
                    .withThrowableThat()
                    .havingCause()
                    .withMessageStartingWith("no session could be had for 3 s; what is done is kept")
                    .extracting(e -> ((NeapException) e).kind())
                    .isEqualTo(NeapException.Kind.STOPPED);
            db.execute("ALTER ROLE filler LOGIN");
            assertThat(run(neap, backfill).get(60, TimeUnit.SECONDS).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(filled(db)).isEqualTo(3_000);
        }
    }

    private static void lockOut(FillDatabase db) throws SQLException {
        db.execute(
                "ALTER ROLE filler NOLOGIN",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'filler'");
    }

    @Test
    void a_flag_file_and_a_query_of_ones_own_make_it_wait() throws Exception {
        Path flag = folder.resolve("freeze");
        try (FillDatabase db = FillDatabase.create()) {
            items(db, 8_000);
            db.execute("CREATE TABLE queue (n int)");
            Backfill backfill = db.backfill("dev", FILL + """
                    throttle:
                      signals:
                        - { name: freeze, file: "%s", every: 500ms }
                        - { name: queue, sql: "SELECT count(*) FROM queue", limit: 3, every: 500ms }
                    """.formatted(flag));
            CompletableFuture<RunResult> run = run(db.neap(Probe.NONE), backfill);
            await("some rows are filled", () -> filled(db) > 0);

            Files.createFile(flag);
            await("it waits", this::waits);
            assertThat(changes.toString()).contains("why=freeze is on");
            db.execute("INSERT INTO queue SELECT generate_series(1, 5)");
            Files.delete(flag);
            await("it waits for the queue", () -> changes.toString().contains("why=queue is 5, its limit 3"));
            db.execute("DELETE FROM queue");

            assertThat(run.get(60, TimeUnit.SECONDS).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(filled(db)).isEqualTo(8_000);
        }
    }

    @Test
    void it_waits_for_a_canary_of_the_application_s_and_begins_when_it_knows_how_long_that_takes() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            items(db, 16_000);
            db.execute("CREATE TABLE feels (s float8)", "INSERT INTO feels VALUES (0.05)");
            Backfill backfill = db.backfill("dev", FILL + """
                    throttle: { canary: { sql: SELECT pg_sleep(s) FROM feels, warning: 3x, limit: 4x } }
                    """);
            CompletableFuture<RunResult> run = run(db.neap(Probe.NONE), backfill);
            await("it measures", () -> changes.toString().contains("how long it takes without the run is measured"));
            assertThat(filled(db)).as("nothing is written meanwhile").isZero();
            await("some rows are filled", () -> filled(db) > 0);

            db.execute("UPDATE feels SET s = 0.5");
            await("it waits", this::waits);
            assertThat(changes.get(changes.size() - 1).decision().why())
                    .startsWith("latency of the canary (now 5")
                    .contains("its limit 4 times");
            Thread.sleep(500);
            long before = filled(db);
            Thread.sleep(1_000);
            assertThat(filled(db)).isEqualTo(before).isLessThan(16_000);

            db.execute("UPDATE feels SET s = 0.05");
            assertThat(run.get(60, TimeUnit.SECONDS).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(filled(db)).isEqualTo(16_000);
        }
    }

    @Test
    void before_a_run_each_signal_says_what_it_says_now_and_nothing_is_written() throws Exception {
        Path flag = Files.createFile(folder.resolve("freeze"));
        try (FillDatabase db = FillDatabase.create()) {
            items(db, 10);
            db.execute("CREATE TABLE broken (n int)");
            SignalsNow now = db.neap(Probe.NONE).signals(db.backfill("prod", FILL + """
                    throttle:
                      canary: { sql: SELECT count(*) FROM items }
                      signals:
                        - { name: freeze, file: "%s" }
                        - { name: broken, sql: SELECT m FROM broken, limit: 3 }
                    """.formatted(flag)));

            assertThat(now.off()).hasSize(2);
            assertThat(now.off().toString())
                    .contains("pg_stat_statements")
                    .contains("the commit time is not watched: commits do not wait for the log here");
            assertThat(now.signals())
                    .extracting(look -> look.signal() + " " + look.level().name())
                    .contains("replica lag WELL", "latency WELL", "wait for a lock of Neap's WELL")
                    .contains("freeze LIMIT", "broken SILENT", "archive backlog WELL");
            assertThat(now.findings().toString()).contains("broken gives no value: ", "freeze is on");
            assertThat(db.number("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'neap%'"))
                    .isZero();
        }
    }

    @Test
    void outside_of_its_hours_it_waits_says_until_when_and_goes_on_by_itself() throws Exception {
        Hand clock = new Hand("2026-01-15T20:00:00Z");
        try (FillDatabase db = FillDatabase.create()) {
            items(db, 500);
            Backfill backfill = db.backfill("dev", FILL + """
                    throttle: { hours: 22:00-05:00 Europe/Berlin, freeze: 2026-01-16 Europe/Berlin }
                    """);
            Neap neap = db.neap(clock.probe());
            CompletableFuture<RunResult> run = run(neap, backfill);
            String until = "wait: hours: outside of 22:00-05:00 Europe/Berlin; goes on at 2026-01-15T21:00:00Z";
            await("it waits", () -> changes.toString().contains("2026-01-15T21:00:00Z"));
            assertThat(neap.status("test", 5).orElseThrow().speed()).isEqualTo(until);

            clock.set("2026-01-16T12:00:00Z");
            String freeze = "wait: hours: the freeze 2026-01-16 Europe/Berlin; goes on at 2026-01-16T23:00:00Z";
            await("it waits for the freeze", () -> changes.toString().contains("the freeze"));
            await(
                    "status says so",
                    () -> freeze.equals(neap.status("test", 5).orElseThrow().speed()));
            assertThat(filled(db)).isZero();

            clock.set("2026-01-16T23:00:00Z");
            assertThat(run.get(60, TimeUnit.SECONDS).outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(filled(db)).isEqualTo(500);
        }
    }

    @Test
    void a_signal_that_stays_silent_stops_the_run_after_its_time_and_the_next_one_goes_on() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            items(db, 10_000);
            db.execute("CREATE TABLE queue (n int)");
            Backfill backfill = db.backfill("dev", FILL + """
                    throttle: { signals: { name: queue, sql: "SELECT count(*) FROM queue", limit: 3, every: 500ms } }
                    """);
            CompletableFuture<RunResult> run = run(db.patient(Duration.ofSeconds(3)), backfill);
            await("some rows are filled", () -> filled(db) > 0);
            db.execute("DROP TABLE queue");

            RunResult stopped = run.get(60, TimeUnit.SECONDS);
            assertThat(stopped.outcome()).isEqualTo(RunResult.Outcome.STOPPED);
            assertThat(stopped.waited()).isGreaterThan(Duration.ofSeconds(1));
            assertThat(filled(db)).isLessThan(10_000);
            assertThat(stopped.rows())
                    .as("those of a unit that is not done, too")
                    .isEqualTo(filled(db))
                    .isEqualTo(
                            db.neap(Probe.NONE).status("test", 5).orElseThrow().rowsDone());
            assertThat(db.text("SELECT message FROM neap.event WHERE kind = 'stopped'"))
                    .contains("queue gives no value")
                    .contains("relation \"queue\" does not exist");

            db.execute("CREATE TABLE queue (n int)");
            assertThat(run(db.neap(Probe.NONE), db.backfill("dev", FAST))
                            .get(60, TimeUnit.SECONDS)
                            .outcome())
                    .isEqualTo(RunResult.Outcome.DONE);
            assertThat(filled(db)).isEqualTo(10_000);
        }
    }

    @Test
    void a_replica_that_stays_far_behind_trips_the_breaker_and_the_next_run_goes_on() throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby();
                FillDatabase db = FillDatabase.create(primary)) {
            items(db, 8_000);
            primary.awaitReplay(standby);
            Backfill backfill = db.backfill(
                    "prod",
                    FILL + "throttle: { replica_lag: 1s }\nbreaker: { replica_lag: 1500ms, webhook:"
                            + " \"http://localhost:1/neap?key=secret\" }\n");
            CompletableFuture<RunResult> run = run(db.patient(Duration.ofSeconds(20)), backfill);
            await("some rows are filled", () -> filled(db) > 500);
            standby.execute("postgres", "SELECT pg_wal_replay_pause()");

            assertThatThrownBy(() -> run.get(60, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.BREAKER))
                    .hasMessageContaining("replica lag of standby")
                    .hasMessageContaining("the same command goes on");
            long before = filled(db);
            assertThat(before).isLessThan(8_000);
            assertThat(db.number("SELECT count(*) FROM neap.event WHERE kind = 'breaker'"))
                    .isEqualTo(1);
            assertThat(db.neap(Probe.NONE).status("test", 5).orElseThrow().state())
                    .isEqualTo("stopped");
            assertThat(db.text("SELECT message FROM neap.event WHERE kind = 'note' AND message LIKE '%webhook%'"))
                    .isEqualTo(
                            "the breaker's webhook was not told: nobody answers there: no such host, or no such port");

            standby.execute("postgres", "SELECT pg_wal_replay_resume()");
            RunResult second =
                    run(db.neap(Probe.NONE), db.backfill("prod", FAST)).get(60, TimeUnit.SECONDS);
            assertThat(second.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(filled(db)).isEqualTo(8_000);
        }
    }
}
