package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Cutover;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.MissingInSource;
import dev.neap.backfill.Throttle;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.run.RunResult.Outcome;
import dev.neap.run.Stop;
import dev.neap.run.UndoRequest;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A recompute over other tables: what it makes of them, and what comes of a change to them. Unit 1 is events_2. */
class RecomputeTest {
    private final PostgresServer server = PostgresServer.newest();

    private static void done(Revenue revenue, RunResult result) {
        assertThat(result.outcome()).as(revenue.events.toString()).isEqualTo(Outcome.DONE);
        assertThat(revenue.wrong()).isZero();
        assertThat(revenue.captures())
                .as("triggers and what they need are gone")
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({"oldest", "newest"})
    void rows_come_from_a_join_and_rows_that_the_source_lacks_are_kept(String version) {
        Revenue revenue =
                new Revenue(version.equals("oldest") ? PostgresServer.oldest() : server, "recompute_join_" + version);

        done(revenue, revenue.run());

        assertThat(revenue.number("SELECT count(*) FROM events WHERE revenue = 2 * id"))
                .isEqualTo(1_000);
        assertThat(revenue.number("SELECT count(*) FROM events WHERE id >= 5000 AND revenue = 77"))
                .isEqualTo(2);
        assertThat(revenue.number(
                        "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'events_1'"))
                .isEqualTo(2);
    }

    @Test
    void rows_that_the_source_lacks_are_dropped_if_the_file_says_so() {
        Revenue revenue = new Revenue(server, "recompute_drop");
        revenue.missing = MissingInSource.DROP;
        revenue.execute("DELETE FROM raw_events WHERE id = 10");

        done(revenue, revenue.run());

        assertThat(revenue.number("SELECT count(*) FROM events")).isEqualTo(999);
    }

    /** The two partitions have other keys. An undo has the old ones again, with what was written since. */
    @Test
    void rows_that_were_dropped_and_rows_that_came_are_undone_and_the_undo_is_undone() {
        Revenue revenue = new Revenue(server, "recompute_undone");
        revenue.missing = MissingInSource.DROP;
        revenue.execute(
                "DELETE FROM raw_events WHERE id = 10",
                "INSERT INTO raw_events VALUES (2001, '2026-01-02', 1, 5, 'EUR')");
        done(revenue, revenue.run());
        assertThat(revenue.number("SELECT count(*) FROM events WHERE id IN (10, 5000, 5001)"))
                .isZero();
        revenue.execute(
                "UPDATE events SET revenue = 1 WHERE id = 20",
                "DELETE FROM events WHERE id = 30",
                "INSERT INTO events VALUES ('2026-01-01', 1, 10, 3), ('2026-01-01', 1, 5000, 4), ('2026-01-01', 1, 6000, 5)",
                "DELETE FROM events WHERE id = 5000");

        RunResult undone = undo(revenue, 1);

        assertThat(undone.outcome()).as("%s", undone).isEqualTo(Outcome.DONE);
        assertThat(revenue.text("SELECT string_agg(id || '=' || revenue::int, ' ' ORDER BY id) FROM events"
                        + " WHERE revenue <> 0 OR id IN (10, 20, 30, 2001, 5000, 5001)"))
                .isEqualTo("10=3 20=1 5001=77 6000=5");
        assertThat(revenue.number("SELECT count(*) FROM events")).isEqualTo(1_001);

        revenue.execute("UPDATE events SET revenue = 2 WHERE id = 40", "DELETE FROM events WHERE id = 5001");
        RunResult again = undo(revenue, undone.runId());

        assertThat(again.outcome()).as("%s", again).isEqualTo(Outcome.DONE);
        assertThat(revenue.text("SELECT string_agg(id || '=' || revenue::int, ' ' ORDER BY id) FROM events"
                        + " WHERE revenue <> 2 * id OR id IN (10, 30, 2001)"))
                .isEqualTo("10=3 20=1 40=2 2001=10 6000=5");
    }

    private static RunResult undo(Revenue revenue, long run) {
        Engine engine = revenue.engine(Probe.NONE);
        UndoRequest request = new UndoRequest(run, null, List.of(), List.of(), false, Throttle.NONE);
        return engine.undo(request, engine.undoPlan(request), event -> {}, new Stop());
    }

    @Test
    void rows_come_from_an_aggregate() {
        Revenue revenue = new Revenue(server, "recompute_aggregate");
        revenue.missing = MissingInSource.DROP;
        revenue.reads = List.of("raw_events");
        revenue.sql = "SELECT day, user_id AS id, user_id, sum(amount) AS revenue FROM raw_events"
                + " WHERE day >= :lower AND day < :upper::date GROUP BY day, user_id -- :upper";

        RunResult result = revenue.run();

        assertThat(result.outcome()).as(revenue.events.toString()).isEqualTo(Outcome.DONE);
        assertThat(revenue.number("SELECT count(*) FROM events")).isEqualTo(14);
        assertThat(revenue.number("SELECT sum(revenue)::bigint FROM events")).isEqualTo(500_500);
    }

    @Test
    void where_a_partition_is_read_a_change_by_way_of_the_table_above_it_counts() {
        Revenue revenue = new Revenue(server, "recompute_part");
        revenue.sql = revenue.sql.replace("raw_events", "raw_2026");
        revenue.reads = List.of("raw_2026", "fx");
        Once once = new Once(
                Point.BEFORE_SWAP, () -> revenue.execute("UPDATE raw_events SET amount = amount + 1 WHERE id = 7"));

        RunResult result = revenue.run(once);

        assertThat(once.did()).isTrue();
        assertThat(revenue.startedOver()).as(revenue.events.toString()).isTrue();
        done(revenue, result);
    }

    @Test
    void a_table_that_becomes_a_partition_while_it_is_read_is_watched_from_above_too() {
        Revenue revenue = new Revenue(server, "recompute_attached");
        revenue.sql = revenue.sql.replace("raw_events", "raw_2026");
        revenue.reads = List.of("raw_2026", "fx");
        revenue.execute("ALTER TABLE raw_events DETACH PARTITION raw_2026");
        Queue<String> changes = new ArrayDeque<>(List.of(
                "ALTER TABLE raw_events ATTACH PARTITION raw_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
                "UPDATE raw_events SET amount = amount + 1 WHERE id = 7"));

        RunResult result = revenue.run(point -> {
            if (point == Point.BEFORE_SWAP && !changes.isEmpty()) {
                revenue.execute(changes.remove());
            }
        });

        assertThat(changes).isEmpty();
        done(revenue, result);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "AFTER_LOAD  | UPDATE fx SET rate = 3 WHERE day = '2026-01-02'",
                "AFTER_INDEX | INSERT INTO raw_events VALUES (2001, '2026-01-02', 1, 5, 'EUR')",
                "AFTER_INDEX | INSERT INTO raw_2026 VALUES (2001, '2026-01-02', 1, 5, 'EUR')",
                "AFTER_VERIFY| DELETE FROM raw_2026 WHERE id = 7",
                "BEFORE_SWAP | UPDATE raw_events SET amount = 1 WHERE id = 7",
                "BEFORE_SWAP | TRUNCATE raw_events",
                "BEFORE_SWAP | SET session_replication_role = replica; UPDATE fx SET rate = 3; RESET session_replication_role",
                "BEFORE_SWAP | CREATE TABLE raw_more (LIKE raw_2026); INSERT INTO raw_more VALUES (3, '2027-01-02', 1, 5, 'EUR'); ALTER TABLE raw_events ATTACH PARTITION raw_more FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
                "BEFORE_SWAP | DROP TRIGGER neap_source_1 ON fx; UPDATE fx SET rate = 3 WHERE day = '2026-01-02'",
                "AFTER_VERIFY| UPDATE events SET user_id = 6 WHERE id = 5001",
                "AFTER_INDEX | SELECT setval('neap.alive_until_1', 1); UPDATE fx SET rate = 3 WHERE day = '2026-01-02'",
            })
    void a_change_while_the_shadow_is_built_sends_the_unit_back_to_its_load(Point where, String change) {
        Revenue revenue = new Revenue(server, "recompute_changed_" + Integer.toHexString((where + change).hashCode()));
        revenue.missing = change.matches("(TRUNCATE|DELETE).*") ? MissingInSource.DROP : MissingInSource.KEEP;
        Once once = new Once(where, () -> revenue.execute(change));

        RunResult result = revenue.run(once);

        assertThat(once.did()).isTrue();
        assertThat(revenue.startedOver()).as(revenue.events.toString()).isTrue();
        done(revenue, result);
        if (change.contains("user_id = 6")) {
            assertThat(revenue.number("SELECT user_id FROM events WHERE id = 5001"))
                    .as("what the application wrote to a row that is kept")
                    .isEqualTo(6);
        }
    }

    @Test
    void a_source_that_is_written_again_and_again_sets_the_unit_aside_and_the_same_command_finishes_later() {
        Revenue revenue = new Revenue(server, "recompute_busy");

        RunResult busy = revenue.run(point -> {
            if (point == Point.AFTER_LOAD) {
                revenue.execute("UPDATE fx SET rate = rate");
            }
        });

        assertThat(busy.outcome()).as(revenue.events.toString()).isEqualTo(Outcome.TOO_BUSY);
        assertThat(busy.causes())
                .anySatisfy(cause -> assertThat(cause)
                        .contains("public.events_2")
                        .contains("went back to its beginning 5 times")
                        .contains("the recompute reads fx, and it was written since the load")
                        .contains("the same command tries it again"));
        assertThat(revenue.number("SELECT count(*) FROM events WHERE revenue = 0"))
                .as("left as it was")
                .isEqualTo(1_000);
        assertThat(revenue.captures())
                .as("it costs the application nothing any more")
                .isZero();

        done(revenue, revenue.run());
    }

    /** More writes of a source than capture counts. None stays, so that nothing else tells of them. */
    private static void writeMoreThanCaptureKeeps(Revenue revenue) {
        revenue.execute("BEGIN; DO 'BEGIN FOR i IN 1..300 LOOP UPDATE fx SET rate = 5; END LOOP; END'; ROLLBACK");
    }

    @Test
    void a_source_that_was_once_written_more_often_than_capture_counts_sends_the_unit_back_once() {
        Revenue revenue = new Revenue(server, "recompute_overflow");
        revenue.tuning = Ledger.FORGETFUL;
        Once once = new Once(Point.AFTER_LOAD, () -> writeMoreThanCaptureKeeps(revenue));

        RunResult result = revenue.run(once);

        assertThat(once.did()).isTrue();
        done(revenue, result);
        assertThat(revenue.number("SELECT sum(restarts) FROM neap.unit")).isEqualTo(1);
    }

    /** What was written while nothing was recorded is not forgotten when another unit has begun to record again. */
    @Test
    void a_unit_that_was_loaded_before_capture_of_its_sources_began_anew_starts_over() {
        Revenue revenue = new Revenue(server, "recompute_overflow_held");
        revenue.tuning = Ledger.FORGETFUL;
        revenue.cutover = Cutover.HOLD;
        AtomicInteger begun = new AtomicInteger();

        RunResult result = revenue.run(point -> {
            if (point == Point.BEFORE_CAPTURE && begun.incrementAndGet() == 2) {
                writeMoreThanCaptureKeeps(revenue);
                revenue.execute("UPDATE fx SET rate = 3");
            }
            if (point == Point.HELD && begun.get() > 1) {
                revenue.engine(Probe.NONE).swap("fix-revenue", List.of());
            }
        });

        done(revenue, result);
        assertThat(revenue.text("SELECT string_agg(restarts::text, ' ' ORDER BY position) FROM neap.unit"))
                .as("the one that was loaded before, once")
                .isEqualTo("1 0");
    }

    @Test
    void a_writer_that_commits_while_the_swap_waits_for_it_is_not_lost() throws Exception {
        Revenue revenue = new Revenue(server, "recompute_late");
        try (Connection writer = server.connect(revenue.database);
                Statement s = writer.createStatement()) {
            writer.setAutoCommit(false);
            Once once = new Once(Point.BEFORE_SWAP, () -> {
                try {
                    s.execute("UPDATE fx SET rate = 3 WHERE day = '2026-01-02'");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
                CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS).execute(() -> {
                    try {
                        writer.commit();
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
            });

            RunResult result = revenue.run(once);

            assertThat(once.did()).isTrue();
            assertThat(revenue.startedOver()).as(revenue.events.toString()).isTrue();
            done(revenue, result);
        }
    }

    @Test
    void under_the_swaps_locks_nobody_writes_what_is_read_and_readers_go_on() throws Exception {
        Revenue revenue = new Revenue(server, "recompute_held");
        CompletableFuture<Boolean> refused = new CompletableFuture<>();
        Once once = new Once(Point.OLD_SNAPSHOTS_GONE, () -> {
            try {
                Connection reader = server.connect(revenue.database);
                reader.setAutoCommit(false);
                execute(reader, "SELECT count(*) FROM events");
                // While the swap waits for the reader of the table, it has locked what is read.
                new Thread(() -> refused.complete(refusedAWriter(revenue, reader))).start();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });

        RunResult result = revenue.run(once);

        assertThat(refused.get(20, TimeUnit.SECONDS)).isTrue();
        done(revenue, result);
    }

    private boolean refusedAWriter(Revenue revenue, Connection reader) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        try (reader;
                Connection writer = server.connect(revenue.database)) {
            writer.setAutoCommit(false);
            while (System.nanoTime() < until) {
                try {
                    execute(writer, "LOCK TABLE raw_2026 IN ROW EXCLUSIVE MODE NOWAIT");
                    writer.rollback();
                } catch (SQLException e) {
                    writer.rollback();
                    return revenue.number("SELECT count(*) FROM raw_events") == 1_000;
                }
            }
            return false;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void execute(Connection c, String sql) throws SQLException {
        try (Statement s = c.createStatement()) {
            s.execute(sql);
        }
    }

    @Test
    void with_writes_none_a_write_of_what_is_read_is_refused() {
        Revenue revenue = new Revenue(server, "recompute_none");
        revenue.writes = LiveWrites.NONE;

        RunResult result = revenue.run(new Once(Point.AFTER_VERIFY, () -> revenue.execute("UPDATE fx SET rate = 3")));

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.causes())
                .singleElement()
                .asString()
                .contains("public.events_2")
                .contains(
                        "the recompute reads fx, and it was written since the load, but the file says `writes: none`");
        assertThat(revenue.number("SELECT count(*) FROM events_2 WHERE revenue = 0"))
                .isEqualTo(500);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id, day + 1 AS day, user_id, amount AS revenue FROM raw_events WHERE day >= :lower AND day < :upper"
                        + "| 500 rows outside the partition's bound FOR VALUES FROM",
                "id / 4 AS id, day, user_id, amount AS revenue FROM raw_events WHERE day >= :lower AND day < :upper"
                        + "| more than one row for the key (day, id) = (2026-01-02,",
                "nullif(id, 7) AS id, day, user_id, amount AS revenue FROM raw_events WHERE day >= :lower AND day < :upper"
                        + "| null value in column \"id\"",
                "id, day, user_id, amount * 1e12 AS revenue FROM raw_events WHERE day >= :lower AND day < :upper"
                        + "| numeric field overflow",
            })
    void rows_that_do_not_fit_fail_the_unit_and_leave_it_as_it_was(String select, String says) {
        Revenue revenue = new Revenue(server, "recompute_rows_" + Integer.toHexString(select.hashCode()));
        revenue.sql = "SELECT " + select;
        revenue.reads = List.of("raw_events");

        RunResult result = revenue.run(Probe.NONE);

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(result.causes()).anySatisfy(cause -> assertThat(cause).contains(says));
        assertThat(revenue.number("SELECT count(*) FROM events_2 WHERE revenue = 0"))
                .isEqualTo(500);
        assertThat(revenue.number("SELECT count(*) FROM pg_trigger WHERE tgname ~ '^neap_(capture|source)'"))
                .isZero();
    }
}
