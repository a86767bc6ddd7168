package dev.neap.postgres.planning;

import static dev.neap.postgres.planning.Planning.declared;
import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Pace;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A plan's rows, bytes and time against what a run of it then took. */
class EstimateTest {
    private static final double FACTOR = 1.5;
    private static final int MOST_RUNS = 3;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "18 | plain    | amount + 1  | version = 2",
                "14 | plain    | amount + 1  | version = 2",
                "18 | wide     | upper(body) |",
                "18 | large    | upper(body) |",
                "18 | bloated  | 7           |",
                "18 | growing  | repeat(md5(id::text), 4) |",
            })
    void rows_and_bytes_come_within_one_and_a_half_times(int major, String shape, String sql, String right)
            throws SQLException {
        Planning database = new Planning(PostgresServer.of(major), "estimate");
        database.execute(EstimatedTables.of(shape));
        Planning.Declared declared = declared("t").set("body", sql);
        if (right != null) {
            declared = declared("t").set("amount", sql).set("version", "2").alreadyRight(right);
        }
        Backfill backfill = declared.backfill();
        Plan plan = database.plan(backfill);
        assertThat(plan.refused()).as(plan.findings().toString()).isFalse();
        Took took = run(database, plan);

        within("rows", plan.estimate().rows(), took.rows);
        within("shadow bytes", plan.estimate().shadowBytes(), took.shadowBytes);
        within("index bytes", plan.estimate().indexBytes(), took.indexBytes);
        within("kept bytes", plan.estimate().keptBytes(), took.keptBytes);
        within("log bytes", plan.estimate().walBytes(), took.walBytes);
    }

    @Test
    void time_at_a_rate_comes_within_one_and_a_half_times() throws SQLException {
        long estimated = 0;
        long took = Long.MAX_VALUE;
        // A machine that is busy with other things makes a run longer than its rate does: one that is right will do.
        for (int i = 0; i < MOST_RUNS && took > estimated * FACTOR; i++) {
            Planning database = new Planning(PostgresServer.newest(), "estimate_pace").withEvents();
            Plan plan = atARate(database);
            estimated = plan.estimate().duration().toMillis();
            took = run(database, plan).took.toMillis();
        }

        within("milliseconds", estimated, took);
    }

    private static Plan atARate(Planning database) throws SQLException {
        database.execute("""
                INSERT INTO events SELECT 10000 + i, timestamptz '2024-01-01Z' + make_interval(months => i % 2), 1
                FROM generate_series(1, 4000) AS i
                """, "ANALYZE events");
        return database.plan(declared("events")
                .set("amount", "round(amount)")
                .between("2024-01-01", "2024-03-01")
                .pace(new Pace(new RowsPerSecond(400), Duration.ofSeconds(2), Duration.ofMillis(50)))
                .backfill());
    }

    static void within(String what, long estimated, long actual) {
        assertThat((double) estimated)
                .as("%s: estimated %,d, were %,d", what, estimated, actual)
                .isBetween(actual / FACTOR, actual * FACTOR);
    }

    record Took(long rows, long shadowBytes, long indexBytes, long keptBytes, long walBytes, Duration took) {}

    static Took run(Planning database, Plan plan) throws SQLException {
        withoutAutovacuum(database);
        String schema = "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class"
                + " WHERE relkind = 'r' AND relnamespace::regnamespace::text LIKE 'neap\\_kept%'";
        String units = "FROM pg_inherits WHERE inhparent = '"
                + plan.backfill().rebuild().table().name() + "'::regclass";
        try (Connection connection = database.connect()) {
            long before = number(connection, "SELECT pg_current_wal_insert_lsn() - '0/0'");
            RunResult result = new Neap(
                            new PostgresDialect(),
                            database.server.target(database.database),
                            Tuning.DEFAULT,
                            Probe.NONE)
                    .run(plan, RunListener.SILENT, new Stop());
            assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
            return new Took(
                    result.rows(),
                    number(connection, "SELECT max(pg_table_size(inhrelid)) " + units),
                    number(connection, "SELECT sum(pg_indexes_size(inhrelid)) " + units),
                    number(connection, schema),
                    number(connection, "SELECT pg_current_wal_insert_lsn() - '0/0'") - before,
                    result.took());
        } finally {
            withAutovacuum(database);
        }
    }

    /** The log is the whole server's: what other tests left to be vacuumed must not be counted. */
    private static void withoutAutovacuum(Planning database) throws SQLException {
        database.execute("ALTER SYSTEM SET autovacuum = off");
        database.execute("SELECT pg_reload_conf()");
        database.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                + " WHERE backend_type IN ('autovacuum worker', 'autovacuum launcher')");
        database.execute("CHECKPOINT");
    }

    private static void withAutovacuum(Planning database) throws SQLException {
        database.execute("ALTER SYSTEM RESET autovacuum");
        database.execute("SELECT pg_reload_conf()");
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
