package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Stalls;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Who is in the way of a swap is waited for outside the queue, and named; nobody else waits longer than the deadline. */
class InTheWayTest {
    private static final PostgresServer SERVER =
            PostgresServer.start(18, Map.of("max_prepared_transactions", "10", "autovacuum_naptime", "1s"));
    private static final long DEADLINE_MS = Ledger.QUICK.lockDeadline().toMillis();

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    /** Something that is in the way from the point on, and ends. */
    private interface Blocker {
        AutoCloseable block(Connection connection, Statement s) throws SQLException;
    }

    /** Blocks when the run comes to the point, until the run has said of it that it waits, and for some requests more. */
    private static Ledger runWith(String database, Point from, String said, Blocker blocker) throws Exception {
        Ledger ledger = new Ledger(SERVER, database).withRows(2_000);
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Probe probe = new Once(from, () -> {
            CountDownLatch blocks = new CountDownLatch(1);
            new Thread(() -> {
                        try {
                            block(ledger, said, blocker, blocks);
                            ended.complete(null);
                        } catch (Exception | Error e) {
                            ended.completeExceptionally(e);
                            blocks.countDown();
                        }
                    })
                    .start();
            try {
                blocks.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        RunResult result;
        Stalls stalls =
                new Stalls(SERVER, database, "SELECT count(*) FROM ledger WHERE day = '2026-01-02' AND id < 100");
        try (stalls) {
            result = ledger.run(probe);
        }
        ended.get(60, TimeUnit.SECONDS);
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2")).isZero();
        assertThat(stalls.longestMs())
                .as("the longest stall of another reader, ms")
                .isLessThan(DEADLINE_MS + 500);
        return ledger;
    }

    private static void block(Ledger ledger, String said, Blocker blocker, CountDownLatch blocks) throws Exception {
        try (Connection c = SERVER.connect(ledger.database);
                Statement s = c.createStatement();
                AutoCloseable release = blocker.block(c, s)) {
            assertThat(release).isNotNull();
            blocks.countDown();
            ledger.awaitSaid(said);
            pause(2_000);
        }
    }

    private static String waits(Ledger ledger) {
        return ledger.events.stream()
                .filter(RunEvent.Waiting.class::isInstance)
                .map(Object::toString)
                .reduce("", (a, b) -> a + "\n" + b);
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_long_reader() throws Exception {
        Ledger ledger = runWith("way_reader", Point.BEFORE_SWAP, "waits to swap", (c, s) -> {
            c.setAutoCommit(false);
            s.executeQuery("SELECT count(*) FROM ledger").close();
            return c::commit;
        });

        assertThat(waits(ledger)).contains("session").contains("holds AccessShareLock");
    }

    @Test
    void a_snapshot_that_is_older_than_the_shadow_though_it_never_touched_the_table() throws Exception {
        runWith("way_snapshot", Point.AFTER_LOAD_BATCH, "snapshot older than the shadow", (c, s) -> {
            c.setAutoCommit(false);
            c.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            s.executeQuery("SELECT count(*) FROM account").close();
            return () -> {
                try (var rs = s.executeQuery("SELECT count(*), count(*) FILTER (WHERE form = 1) FROM ledger_3")) {
                    rs.next();
                    assertThat(rs.getLong(1)).isEqualTo(2_000);
                    assertThat(rs.getLong(2)).isIn(0L, 2_000L);
                }
                c.commit();
            };
        });
    }

    @Test
    void a_prepared_transaction() throws Exception {
        Ledger ledger = runWith("way_prepared", Point.BEFORE_SWAP, "prepared transaction 'left behind'", (c, s) -> {
            s.execute("BEGIN; UPDATE ledger SET note = 'p' WHERE day = '2026-01-03' AND id = 2");
            s.execute("PREPARE TRANSACTION 'left behind'");
            return () -> s.execute("COMMIT PREPARED 'left behind'");
        });

        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note = 'p'"))
                .isEqualTo(1);
    }

    @Test
    void a_writer_that_was_open_before_capture_began() throws Exception {
        Ledger ledger = runWith("way_writer", Point.AFTER_SHADOW, "waits for writers, to start capture", (c, s) -> {
            c.setAutoCommit(false);
            s.execute("UPDATE ledger SET note = 'open' WHERE day = '2026-01-03' AND id = 2");
            return c::commit;
        });

        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note = 'open'"))
                .isEqualTo(1);
    }

    @Test
    void an_autovacuum_gives_way() throws Exception {
        String database = "way_autovacuum";
        Ledger ledger = new Ledger(SERVER, database).withRows(40_000);
        SERVER.execute(database, """
                ALTER TABLE ledger_3 SET (autovacuum_vacuum_threshold = 10, autovacuum_vacuum_scale_factor = 0,
                    autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)
                """, "UPDATE ledger SET note = note || '!' WHERE day = '2026-01-03'");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() ->
                        ledger.number("SELECT count(*) FROM pg_stat_progress_vacuum WHERE relid = 'ledger_3'::regclass")
                                > 0);

        RunResult result = ledger.run(Probe.NONE);

        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
    }

    @Test
    void a_unit_whose_patience_ends_keeps_its_shadow_and_the_next_run_goes_on_from_there() throws Exception {
        String database = "way_patience";
        Ledger ledger = new Ledger(SERVER, database).withRows(2_000);
        try (Connection c = SERVER.connect(database);
                Statement s = c.createStatement()) {
            c.setAutoCommit(false);
            s.executeQuery("SELECT count(*) FROM ledger").close();
            RunResult result = ledger.run(Ledger.IMPATIENT, Probe.NONE);
            assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.LOCKED_OUT);
            assertThat(result.causes().toString()).contains("session").contains("kept");
            c.commit();
        }
        ledger.events.clear();

        RunResult result = ledger.run(Probe.NONE);

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.events)
                .noneMatch(event -> event instanceof RunEvent.RowsLoaded loaded && loaded.unitRows() > 0);
        Engine engine = ledger.engine();
        assertThat(engine.status("fix-amount", 5)).isPresent();
    }

    @Test
    void a_writer_that_stays_while_the_shadow_is_finished_costs_a_wait_and_not_the_unit() throws Exception {
        Ledger ledger = new Ledger(SERVER, "way_finishing").withRows(2_000);
        List<Thread> writers = new ArrayList<>();
        RunResult result = ledger.run(at -> {
            // Once capture is eager, for the foreign key, a writer has the shadow too.
            if (at == Point.BETWEEN_INDEXES && writers.isEmpty()) {
                writeForAWhile("way_finishing").ifPresent(writers::add);
            }
        });
        for (Thread writer : writers) {
            writer.join();
        }

        assertThat(writers).as("a writer that had the shadow").hasSize(1);
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.events.toString()).contains("waits to build drain");
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2")).isZero();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note = 'stays'"))
                .isEqualTo(3);
    }

    /** A transaction that stays open, longer than the one deadline, if what it wrote took it to the shadow. */
    private static Optional<Thread> writeForAWhile(String database) {
        try {
            Connection connection = SERVER.connect(database);
            connection.setAutoCommit(false);
            Statement s = connection.createStatement();
            s.execute("UPDATE ledger SET note = 'stays' WHERE id IN (3, 4, 5)");
            try (ResultSet rs = s.executeQuery("SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
                    + " WHERE l.pid = pg_backend_pid() AND c.relnamespace::regnamespace::text LIKE 'neap_work_%'"
                    + " AND c.relname IN ('ledger_1', 'ledger_2', 'ledger_3')")) {
                rs.next();
                if (rs.getLong(1) == 0) {
                    connection.rollback();
                    connection.close();
                    return Optional.empty();
                }
            }
            Thread writer = new Thread(() -> {
                pause(3_000);
                try (connection) {
                    connection.commit();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            writer.start();
            pause(DEADLINE_MS + 200);
            return Optional.of(writer);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
