package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.ServerSignal;
import dev.neap.dialect.NeapException;
import dev.neap.postgres.signals.PostgresSignals;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.run.SignalsNow;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import dev.neap.throttle.Decision;
import dev.neap.throttle.Decision.Verdict;
import dev.neap.throttle.Signal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A durable server whose commits become slow, and nothing else. */
class SlowCommitsTest {
    private static final String FILL = """
            fill: { into: items, set: { twice: price * 2 } }
            pace: { rate: 1000 rows/s }
            """;

    /** What it feels on a machine that is busy with other things is no reason of the run's. */
    private static final String CANARY = """
            throttle:
              replica_lag: none
              canary: { sql: SELECT price FROM items WHERE id = 1, warning: 30x, limit: 40x }
            """;

    /** A canary that felt a commit of a tenth of a second, or one that is cut off, would say more. */
    private static final double UNFELT = 30;

    /** No batch is longer than this in coming. */
    private static final Duration STILL = Duration.ofMillis(500);

    private static final String ONLY = "throttle: { server: { commits: 3x } }\n";

    private static final String DISTURBED = "throttle: { server: { commits: 100x, disturbance: 1.4x } }\n";

    /** So long one is at work. */
    private static final Duration BATCH = Duration.ofMillis(300);

    private static final String NOT_BEFORE =
            "the commit time is measured by commits, and so from the run's beginning on";

    /** Of half a second each. */
    private static final int MOST_READINGS = 40;

    private static final int MOST_TRIES = 4;

    private static PostgresServer server;

    private final AtomicReference<Decision> last = new AtomicReference<>();
    private final AtomicReference<Double> latency = new AtomicReference<>(0.0);
    private final AtomicReference<Double> commits = new AtomicReference<>(0.0);

    @BeforeAll
    static void start() {
        server = PostgresServer.start(18, Map.of("fsync", "on", "synchronous_commit", "on", "commit_siblings", "0"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void set(String setting) {
        server.execute(PostgresServer.ADMIN, "ALTER SYSTEM SET " + setting, "SELECT pg_reload_conf()");
    }

    private static void items(FillDatabase db, int rows) throws SQLException {
        db.execute(
                "CREATE TABLE items (id int PRIMARY KEY, price int, twice int)",
                "INSERT INTO items SELECT n, n FROM generate_series(1, " + rows + ") n",
                "VACUUM ANALYZE items");
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long filled(FillDatabase db) throws SQLException {
        return db.number("SELECT count(*) FROM items WHERE twice = price * 2");
    }

    private void heard(RunEvent event) {
        if (event instanceof RunEvent.SpeedChanged changed) {
            last.set(changed.decision());
        } else if (event instanceof RunEvent.SignalRead read && read.signal().equals("latency")) {
            latency.accumulateAndGet(read.value(), Math::max);
        } else if (event instanceof RunEvent.SignalRead read && read.signal().equals(ServerSignal.COMMITS.label())) {
            commits.set(read.value());
        }
    }

    private void awaitVerdict(Verdict verdict, String why) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            Decision now = last.get();
            return now != null && now.verdict() == verdict && now.why().contains(why);
        });
    }

    /** @param times how many times as long as before the run one in twenty takes at least */
    private void awaitSlowCommits(double times) {
        awaitVerdict(Verdict.WAIT, "commit time of one in twenty (now ");
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> commits.get() >= times);
        assertThat(last.get().why()).contains(" ms, before the run ").contains("its limit 3 times");
    }

    /** Waits until nothing more is written: a batch may be on its way. Returns how much is. */
    private static long awaitStillness(FillDatabase db) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        long before;
        long after = filled(db);
        do {
            assertThat(System.nanoTime())
                    .as("nothing is written while it waits")
                    .isLessThan(end);
            before = after;
            Thread.sleep(STILL.toMillis());
            after = filled(db);
        } while (after != before);
        return after;
    }

    @Test
    void commits_that_wait_make_the_run_wait_though_a_canary_that_reads_feels_nothing() throws Exception {
        try (FillDatabase db = FillDatabase.create(server)) {
            items(db, 60_000);
            Backfill backfill = db.backfill("prod", FILL + CANARY);
            Neap neap = db.neap(Probe.NONE);
            assertThat(neap.signals(backfill).off()).contains(NOT_BEFORE);
            Stop stop = new Stop();
            CompletableFuture<RunResult> run =
                    CompletableFuture.supplyAsync(() -> neap.run(neap.plan(backfill), this::heard, stop));
            awaitVerdict(Verdict.WAIT, " without the run is measured, ");
            assertThat(filled(db)).as("nothing is written meanwhile").isZero();
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> filled(db) > 0);
            last.set(null);
            latency.set(0.0);

            set("commit_delay = 100000");
            awaitSlowCommits(3);
            long before = awaitStillness(db);
            assertThat(latency.get()).as("the canary's value").isLessThan(UNFELT);
            set("commit_delay = 0");
            awaitVerdict(Verdict.SLOW, "goes on after ");
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> filled(db) > before);

            // Its commits wait for ever, and are given up after two seconds.
            set("synchronous_standby_names = 'nobody'");
            try {
                // As many times as 2 s are a commit that took 20 ms before the run, on a machine however busy.
                awaitSlowCommits(100);
            } finally {
                set("synchronous_standby_names = ''");
            }
            assertThat(latency.get()).as("the canary's value").isLessThan(UNFELT);
            stop.request("seen");
            assertThat(run.get(60, TimeUnit.SECONDS).outcome()).isEqualTo(RunResult.Outcome.STOPPED);
        }
    }

    /** Only those beside batches wait, for some milliseconds: too few for one in twenty to be as slow as the limit says. */
    @Test
    void commits_that_wait_for_batches_slow_the_run_though_those_between_are_as_quick_as_ever() throws Exception {
        try (FillDatabase db = FillDatabase.create(server)) {
            items(db, 40_000);
            Neap neap = db.neap(point -> {
                if (point == Point.BEFORE_FILL_COMMIT) {
                    set("commit_delay = 20000");
                    pause(BATCH);
                } else if (point == Point.AFTER_FILL_BATCH) {
                    set("commit_delay = 0");
                }
            });
            Stop stop = new Stop();
            Backfill backfill = db.backfill("dev", FILL + DISTURBED);
            CompletableFuture<RunResult> run =
                    CompletableFuture.supplyAsync(() -> neap.run(neap.plan(backfill), this::heard, stop));
            try {
                awaitVerdict(Verdict.WAIT, "disturbance of commits by batches, one in thirty (now ");
                assertThat(last.get().why()).contains(" ms, between batches ").contains("its limit 1.4 times");
                long before = filled(db);
                awaitVerdict(Verdict.SLOW, "goes on after ");
                Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> filled(db) > before);
            } finally {
                stop.request("seen");
                run.get(60, TimeUnit.SECONDS);
                set("commit_delay = 0");
            }
        }
    }

    @Test
    void a_look_before_a_run_commits_nothing_and_says_where_no_commit_waits() throws Exception {
        try (FillDatabase db = FillDatabase.create(server)) {
            items(db, 10);
            Neap neap = db.neap(Probe.NONE);
            assertThat(neap.run(neap.plan(db.backfill("dev", FILL)), event -> {}, new Stop())
                            .outcome())
                    .isEqualTo(RunResult.Outcome.DONE);
            SignalsNow now = neap.signals(db.backfill("dev", FILL + ONLY));
            assertThat(now.refused()).isEmpty();
            assertThat(now.off()).containsExactly(NOT_BEFORE);
            assertThat(db.text("SELECT is_called FROM neap.timed_commit")).isEqualTo("f");

            db.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off',"
                    + " current_database()); END $$");
            assertThat(neap.signals(db.backfill("dev", FILL + ONLY)).refused())
                    .startsWith("throttle.server.commits: commits do not wait for the log here")
                    .contains("ALTER ROLE postgres SET synchronous_commit = on");
        }
    }

    @Test
    void while_a_commit_has_no_answer_no_other_session_begins_one() throws Exception {
        try (FillDatabase db = FillDatabase.create(server)) {
            db.execute("CREATE TABLE items (id int PRIMARY KEY, price int, twice int)");
            PostgresSignals signals = new PostgresSignals("neap run 1", db::connect, List.of());
            Backfill backfill = db.backfill("dev", FILL + ONLY);
            assertThat(refused(signals, backfill))
                    .contains("Neap's own schema is not there, or postgres may not write");
            db.execute("CREATE SCHEMA neap", "CREATE SEQUENCE neap.timed_commit");
            try (Signal commits = signals.of(backfill).signals().get(0)) {
                assertThat(commits.read().missing()).contains(" of 100 times");
                String session =
                        db.text("SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT current_setting(''neap.%'");
                signal("-STOP", session);
                try {
                    assertThat(commits.read().missing()).doesNotContain(" of 100 times");
                    for (int i = 0; i < 2; i++) {
                        assertThat(commits.read().missing())
                                .isEqualTo("a commit of a session before this one has not ended");
                    }
                } finally {
                    signal("-CONT", session);
                }
                Awaitility.await()
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> commits.read().missing().contains(" of 100 times"));
            }
        }
    }

    @Test
    void while_little_is_written_it_commits_twice_a_second() throws Exception {
        try (FillDatabase db = FillDatabase.create(server)) {
            db.execute(
                    "CREATE TABLE items (id int PRIMARY KEY, price int, twice int)",
                    "CREATE SCHEMA neap",
                    "CREATE SEQUENCE neap.timed_commit");
            // On a machine that has become busier none is as quick as before: then it is measured anew what that is.
            boolean quiet = false;
            for (int i = 0; i < MOST_TRIES && !quiet; i++) {
                quiet = commitsLittleThenMuch(db);
            }
            assertThat(quiet).as("it committed once in a reading").isTrue();
        }
    }

    /** False where it did not come to commit little. */
    private static boolean commitsLittleThenMuch(FillDatabase db) throws Exception {
        PostgresSignals signals = new PostgresSignals("neap run 1", db::connect, List.of());
        try (Signal commits =
                signals.of(db.backfill("dev", FILL + ONLY)).signals().get(0)) {
            assertThat(committed(db, commits)).as("it measures").isGreaterThan(3);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !commits.read().missed());
            int readings = 0;
            while (committed(db, commits) != 1) {
                if (++readings == MOST_READINGS) {
                    return false;
                }
            }

            db.execute("SELECT pg_logical_emit_message(false, 'neap', repeat('x', 1000000))");
            commits.read();
            assertThat(committed(db, commits)).isGreaterThan(3);
            return true;
        }
    }

    /** How many transactions wrote while it was read once. */
    private static long committed(FillDatabase db, Signal commits) throws SQLException {
        String next = "SELECT pg_snapshot_xmax(pg_current_snapshot())";
        long before = db.number(next);
        commits.read();
        return db.number(next) - before;
    }

    private static String refused(PostgresSignals signals, Backfill backfill) throws SQLException {
        try {
            return signals.of(backfill).toString();
        } catch (NeapException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static void signal(String which, String process) throws Exception {
        assertThat(new ProcessBuilder("kill", which, process).start().waitFor()).isZero();
    }
}
