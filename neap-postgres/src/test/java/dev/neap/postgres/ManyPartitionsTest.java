package dev.neap.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.Stop;
import dev.neap.testkit.ChildJvm;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What does not grow with the number of partitions: the cost of a unit, a plan's memory, and the locks it holds. */
class ManyPartitionsTest {
    private static final String DATABASE = "many_partitions";
    /** More than a plan measures one by one. */
    private static final int PARTITIONS = 2_100;

    private static final int BESIDE = 50;
    private static final int ROWS = 4;
    /** A small part of what all partitions of the large table would need. */
    private static final Map<String, String> FEW_LOCKS =
            Map.of("max_locks_per_transaction", "10", "max_connections", "40", "autovacuum", "off");

    @Test
    void neither_a_unit_nor_a_plan_grows_with_the_partitions_of_the_table() throws Exception {
        try (PostgresServer server =
                PostgresServer.start(PostgresServer.newest().major(), FEW_LOCKS)) {
            server.createDatabase(DATABASE);
            server.execute(
                    DATABASE,
                    "CREATE TABLE big (id int, a int, b int, v int, PRIMARY KEY (a, b, id)) PARTITION BY LIST (a)",
                    "CREATE INDEX ON big (v)");
            Engine engine = new Neap(new PostgresDialect(), server.target(DATABASE), Tuning.DEFAULT, Probe.NONE);
            grow(server);
            Map<String, Long> read = perUnit(server, engine);
            System.out.println("rows read for a unit: " + read);

            // Each of these tables has at least a row for each partition: none is read whole, nor for its half.
            assertThat(read)
                    .hasSize(7)
                    .allSatisfy((table, rows) ->
                            assertThat(rows).as("rows of " + table).isLessThan(PARTITIONS / 2));
            try (ChildJvm child = ChildJvm.start(
                    32,
                    ManyPartitionsPlan.class.getName(),
                    List.of(String.valueOf(server.port()), DATABASE),
                    line -> {})) {
                int code = child.end(Duration.ofMinutes(1));
                assertThat(child.output())
                        .contains("planned " + PARTITIONS + " units of " + PARTITIONS * ROWS + " rows");
                assertThat(code).isZero();
            }
        }
    }

    private static void grow(PostgresServer server) {
        for (int a = 1; a <= PARTITIONS / BESIDE; a++) {
            StringBuilder sql = new StringBuilder();
            sql.append(
                    "CREATE TABLE big_%1$d PARTITION OF big FOR VALUES IN (%1$d) PARTITION BY LIST (b);".formatted(a));
            for (int b = 1; b <= BESIDE; b++) {
                sql.append("CREATE TABLE big_%1$d_%2$d PARTITION OF big_%1$d FOR VALUES IN (%2$d);".formatted(a, b));
            }
            server.execute(
                    DATABASE,
                    sql.toString(),
                    "INSERT INTO big SELECT n, %d, b, -n FROM generate_series(1, %d) n, generate_series(1, %d) b"
                            .formatted(a, ROWS, BESIDE));
        }
    }

    /**
     * Rows that the server reads for one unit more, in the tables that have rows for each partition. In one that is left out
     * DETACH and ATTACH themselves read all rows: pg_constraint.
     */
    private static Map<String, Long> perUnit(PostgresServer server, Engine engine) throws Exception {
        Plan plan = engine.plan(ManyPartitionsPlan.backfill());
        assertThat(plan.refused()).as(plan.findings().toString()).isFalse();
        assertThat(plan.estimate().rows()).isEqualTo((long) PARTITIONS * ROWS);
        run(engine, plan, 2);
        Map<String, Long> before = read(server);
        run(engine, plan, 4);
        Map<String, Long> four = read(server);
        run(engine, plan, 24);
        Map<String, Long> more = read(server);
        assertThat(engine.status("many", 10).orElseThrow().units().done()).isEqualTo(30);
        Map<String, Long> each = new TreeMap<>();
        more.forEach((table, rows) -> {
            long twice = 2 * four.getOrDefault(table, 0L) - before.getOrDefault(table, 0L);
            each.put(table, (rows - twice) / 20);
        });
        return each;
    }

    private static void run(Engine engine, Plan plan, int units) {
        Stop stop = new Stop();
        AtomicInteger done = new AtomicInteger();
        engine.run(
                plan,
                event -> {
                    if (event instanceof RunEvent.UnitDone && done.incrementAndGet() == units) {
                        stop.request("enough");
                    }
                },
                stop);
    }

    /** By table. Waits until the run's sessions have ended, for they tell at their end what they have read. */
    private static Map<String, Long> read(PostgresServer server) throws SQLException, InterruptedException {
        try (Connection c = server.connect(DATABASE);
                Statement s = c.createStatement()) {
            for (int i = 0; i < 100 && others(s) > 0; i++) {
                Thread.sleep(50);
            }
            Map<String, Long> read = new TreeMap<>();
            try (ResultSet rs = s.executeQuery("""
                    SELECT schemaname || '.' || relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_all_tables
                    WHERE schemaname || '.' || relname = ANY ('{neap.unit,pg_catalog.pg_class,pg_catalog.pg_attribute,
                        pg_catalog.pg_type,pg_catalog.pg_depend,pg_catalog.pg_index,pg_catalog.pg_inherits}')
                    """)) {
                while (rs.next()) {
                    read.put(rs.getString(1), rs.getLong(2));
                }
            }
            return read;
        }
    }

    private static long others(Statement s) throws SQLException {
        try (ResultSet rs = s.executeQuery("SELECT count(*) FROM pg_stat_activity WHERE datname = '" + DATABASE
                + "' AND pid <> pg_backend_pid()")) {
            rs.next();
            return rs.getLong(1);
        }
    }
}
