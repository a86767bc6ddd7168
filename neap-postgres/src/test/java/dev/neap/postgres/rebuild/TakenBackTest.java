package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.postgres.query.Query;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.RunResult.Outcome;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Stalls;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A shadow that goes, or a kept partition that an undo leaves as it was: with foreign keys to several tables. */
class TakenBackTest {
    private static final List<String> REFERENCED = List.of("account", "depot", "shop", "till");
    private static final long MS = 300;

    private final PostgresServer server = PostgresServer.newest();

    private Ledger ledger(String database) {
        Ledger ledger = new Ledger(server, database).withRows(300);
        for (String table : REFERENCED.subList(1, REFERENCED.size())) {
            server.execute(
                    database,
                    "CREATE TABLE %s (id int PRIMARY KEY)".formatted(table),
                    "INSERT INTO %s VALUES (1)".formatted(table),
                    "ALTER TABLE ledger ADD COLUMN %1$s int NOT NULL DEFAULT 1 REFERENCES %1$s".formatted(table));
        }
        return ledger;
    }

    /** Readers of each table: whoever waits for one gets it after a while, and never at once. */
    private static final class Readers implements AutoCloseable {
        private final AtomicBoolean ended = new AtomicBoolean();
        private final List<CompletableFuture<Void>> readers = new ArrayList<>();
        private final List<Stalls> others = new ArrayList<>();

        Readers(Ledger ledger, List<String> tables) {
            for (String table : tables) {
                others.add(new Stalls(ledger.server, ledger.database, "SELECT count(*) FROM " + table));
                readers.add(CompletableFuture.runAsync(
                        () -> {
                            try (Connection c = ledger.server.connect(ledger.database);
                                    Statement s = c.createStatement()) {
                                while (!ended.get()) {
                                    s.execute("BEGIN; LOCK TABLE " + table + " IN ACCESS SHARE MODE");
                                    awaitSomebody(c, table);
                                    s.execute("COMMIT");
                                }
                            } catch (SQLException | InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        command -> new Thread(command).start()));
            }
        }

        /** Or nobody for a while: nobody queues behind an old transaction. */
        private static void awaitSomebody(Connection c, String table) throws SQLException, InterruptedException {
            for (int i = 0; i < 20; i++) {
                if (Query.of(
                                c,
                                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
                                        + " AND relation = ?::regclass)",
                                table)
                        .truth()) {
                    Thread.sleep(MS);
                    return;
                }
                Thread.sleep(5);
            }
        }

        void end() {
            ended.set(true);
        }

        /** The longest stall of another reader of one of the tables. */
        long longestMs() {
            close();
            return others.stream().mapToLong(Stalls::longestMs).max().orElse(0);
        }

        @Override
        public void close() {
            end();
            readers.forEach(CompletableFuture::join);
            others.forEach(Stalls::close);
        }
    }

    private static void nobodyStalled(Readers readers) {
        assertThat(readers.longestMs())
                .as("the longest stall of a reader of a referenced table, ms")
                .isLessThan(2 * MS + 200);
    }

    /** Changes the table before the first swap, so that the unit starts over; something happens just before it does. */
    private static RunResult startedOver(Ledger ledger, Runnable before, Probe probe) {
        Once change = new Once(
                Point.BEFORE_SWAP,
                () -> ledger.server.execute(ledger.database, "ALTER TABLE ledger_3 SET (fillfactor = 90)"));
        Engine engine = ledger.engine(point -> {
            change.at(point);
            probe.at(point);
        });
        RunListener listener = event -> {
            ledger.events.add(event);
            if (event instanceof RunEvent.Note note && note.text().contains("back to the beginning")) {
                before.run();
            }
        };
        RunResult result = engine.run(engine.plan(ledger.backfill()), listener, new Stop());
        assertThat(ledger.events.toString()).contains("back to the beginning");
        return result;
    }

    @Test
    void a_shadow_is_dropped_without_holding_one_referenced_table_while_another_is_waited_for() {
        Ledger ledger = ledger("taken_back_shadow");
        List<Readers> readers = new ArrayList<>();

        RunResult result = startedOver(ledger, () -> readers.add(new Readers(ledger, REFERENCED)), point -> {
            if (point == Point.AFTER_SHADOW) {
                readers.forEach(Readers::end);
            }
        });

        assertThat(readers).hasSize(1).allSatisfy(TakenBackTest::nobodyStalled);
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2")).isZero();
        assertThat(ledger.number("SELECT count(*) FROM pg_constraint WHERE conrelid = 'ledger_3'::regclass"
                        + " AND contype = 'f' AND convalidated"))
                .isEqualTo(REFERENCED.size());
    }

    @Test
    void nor_is_one_that_a_cleanup_drops() {
        Ledger ledger = ledger("taken_back_left");
        Stop stop = new Stop();
        Engine engine = ledger.engine(new Once(Point.AFTER_INDEX, () -> stop.request("as it is built")));
        engine.run(engine.plan(ledger.backfill()), RunListener.SILENT, stop);
        ledger.engine().abandon("fix-amount");
        assertThat(ledger.number("SELECT count(*) FROM pg_constraint WHERE contype = 'f'"
                        + " AND connamespace = 'neap_work_1'::regnamespace"))
                .isEqualTo(REFERENCED.size());

        Readers readers = new Readers(ledger, REFERENCED);
        ledger.engine().cleanup();

        nobodyStalled(readers);
        assertThat(ledger.number("SELECT count(*) FROM pg_class WHERE relname = 'ledger_3'"))
                .isEqualTo(1);
    }

    @Test
    void a_kept_partition_loses_its_foreign_keys_again_in_the_same_way() {
        Ledger ledger = ledger("taken_back_kept");
        ledger.run(Probe.NONE);
        List<Readers> readers = new ArrayList<>();
        Once once = new Once(Point.BEFORE_SWAP, () -> {
            server.execute(
                    ledger.database,
                    "SELECT setval('neap.undo_until_1', 1)",
                    "UPDATE ledger SET note = 'since' WHERE id = 2",
                    "SELECT setval('neap.undo_until_1', extract(epoch FROM now())::bigint + 1000)");
            readers.add(new Readers(ledger, REFERENCED));
        });

        RunResult result = UndoTest.undo(ledger, UndoTest.of(1, "ledger_3"), once);

        assertThat(readers).hasSize(1).allSatisfy(TakenBackTest::nobodyStalled);
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(Outcome.FAILED);
        assertThat(ledger.number("SELECT count(*) FROM pg_constraint WHERE contype IN ('c', 'f')"
                        + " AND conrelid = 'neap_kept_1.ledger_3'::regclass"))
                .isZero();
    }

    @Test
    void while_a_shadow_is_taken_back_a_parent_row_may_be_deleted_with_its_child() {
        Ledger ledger = ledger("taken_back_parent");
        CompletableFuture<Void> deleted = new CompletableFuture<>();

        RunResult result = startedOver(ledger, () -> deleteWhileAReaderIsInTheWay(ledger, deleted), Probe.NONE);

        assertThat(deleted).succeedsWithin(Duration.ofSeconds(20));
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR account = 1"))
                .isZero();
    }

    @Test
    void a_shadow_that_lost_some_of_its_foreign_keys_is_not_taken_for_a_whole_one() throws SQLException {
        Ledger ledger = ledger("taken_back_half");
        server.execute(ledger.database, "CREATE TABLE wrong (day date)", "INSERT INTO wrong VALUES ('2026-01-03')");
        Backfill backfill = ledger.backfill(
                Map.of("right", "SELECT (SELECT max(s.day) FROM :shadow s) IN (SELECT day FROM wrong) IS NOT TRUE"));
        try (Connection reader = server.connect(ledger.database);
                Statement s = reader.createStatement()) {
            reader.setAutoCommit(false);
            Once once = new Once(Point.BEFORE_VERIFY, () -> {
                try {
                    s.execute("LOCK TABLE till IN ACCESS SHARE MODE");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            Engine engine = ledger.engine(Ledger.IMPATIENT, once);
            RunResult failed = engine.run(engine.plan(backfill), ledger.events::add, new Stop());
            assertThat(failed.causes().toString()).contains("is left for `neap cleanup`");
            assertThat(ledger.number("SELECT count(*) FROM pg_constraint WHERE contype = 'f'"
                            + " AND conrelid = 'neap_work_1.ledger_3'::regclass"))
                    .isEqualTo(1);
            reader.commit();
        }
        server.execute(ledger.database, "DELETE FROM wrong");
        ledger.events.clear();
        Engine engine = ledger.engine();

        RunResult result = engine.retry(engine.plan(backfill), ledger.events::add, new Stop());

        assertThat(ledger.events.toString()).contains("StepStarted[unitId=1, step=SHADOW]");
        assertThat(result.failed()).as(ledger.events.toString()).isZero();
        assertThat(ledger.number("SELECT count(*) FROM ledger_3 WHERE form <> 2"))
                .isZero();
    }

    private void deleteWhileAReaderIsInTheWay(Ledger ledger, CompletableFuture<Void> deleted) {
        try {
            Connection reader = server.connect(ledger.database);
            reader.setAutoCommit(false);
            try (Statement s = reader.createStatement()) {
                s.execute("LOCK TABLE account, till IN ACCESS SHARE MODE");
            }
            new Thread(() -> {
                        try (reader) {
                            ledger.awaitSaid("waits to drop the shadow");
                            server.execute(
                                    ledger.database,
                                    "DELETE FROM ledger WHERE account = 1",
                                    "DELETE FROM account WHERE id = 1");
                            deleted.complete(null);
                        } catch (SQLException | RuntimeException | Error e) {
                            deleted.completeExceptionally(e);
                        }
                    })
                    .start();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
