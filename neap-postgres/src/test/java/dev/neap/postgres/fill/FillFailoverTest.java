package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Environment;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.TcpProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The primary dies in the middle of a fill, and a standby that has not got the last batches takes its place. */
class FillFailoverTest {
    private static final String DATABASE = "failover";
    private static final int ROWS = 3_000;
    private static final String FILLED = "SELECT count(*) FROM target";
    private static final String FILL = """
            backfill: fill
            profile: dev
            batch_rows: 200
            fill: { from: source, into: target, set: { id: id, twice: price * 2 } }
            """;

    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private int batches;
    private long onPrimary;
    private long onStandby;

    @TempDir
    Path folder;

    private static long number(PostgresServer server, String sql) {
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An application that writes both places. */
    private static void writes(PostgresServer server, String price, String which) {
        server.execute(
                DATABASE,
                "UPDATE source SET price = " + price + " WHERE " + which,
                "UPDATE target SET twice = 2 * " + price + " WHERE " + which);
    }

    private Backfill backfill() throws Exception {
        Path file = folder.resolve("fill.yaml");
        Files.writeString(file, FILL);
        return BackfillFile.read(file, Environment.system()).backfill();
    }

    private void cutOff(PostgresServer primary, PostgresServer standby) {
        primary.awaitReplay(standby);
        standby.execute(PostgresServer.ADMIN, "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> number(standby, "SELECT count(*) FROM pg_stat_wal_receiver") == 0);
        // These are lost, in both places.
        writes(primary, "1000000", "id % 5 = 0");
    }

    private void failOver(PostgresServer primary, PostgresServer standby, TcpProxy proxy) {
        onPrimary = number(primary, FILLED);
        onStandby = number(standby, FILLED);
        primary.kill();
        proxy.target(standby.port());
        proxy.reset();
        // When the process has found it, and not before.
        new Thread(() -> {
                    Awaitility.await()
                            .atMost(Duration.ofSeconds(60))
                            .until(() -> events.toString().contains("is a standby"));
                    standby.execute(PostgresServer.ADMIN, "SELECT pg_promote()");
                })
                .start();
    }

    @Test
    void a_fill_goes_on_from_what_the_promoted_standby_has_and_no_row_is_wrong() throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby();
                TcpProxy proxy = new TcpProxy(primary.port())) {
            primary.createDatabase(DATABASE);
            primary.execute(
                    DATABASE,
                    "CREATE TABLE source (id int PRIMARY KEY, price int NOT NULL)",
                    "CREATE TABLE target (id int PRIMARY KEY, twice int NOT NULL)",
                    "INSERT INTO source SELECT n, n FROM generate_series(1, " + ROWS + ") n",
                    "VACUUM ANALYZE source");
            ConnectionTarget target = new ConnectionTarget(
                    "postgresql", "localhost", proxy.port(), DATABASE, PostgresServer.ADMIN, null, Map.of());
            Neap neap = new Neap(new PostgresDialect(), target, FillDatabase.SHORT, point -> {
                if (point == Point.AFTER_FILL_BATCH && ++batches == 2) {
                    cutOff(primary, standby);
                } else if (point == Point.AFTER_FILL_BATCH && batches == 5) {
                    failOver(primary, standby, proxy);
                } else if (point == Point.AFTER_FILL_BATCH && batches == 7) {
                    writes(standby, "-id", "id % 3 = 0");
                    standby.execute(
                            DATABASE, "DELETE FROM source WHERE id % 7 = 0", "DELETE FROM target WHERE id % 7 = 0");
                }
            });

            RunResult result = neap.run(neap.plan(backfill()), 1, events::add, new Stop());

            assertThat(onStandby)
                    .as("rows that the standby had got")
                    .isPositive()
                    .isLessThan(onPrimary);
            assertThat(result.outcome()).as(events.toString()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(events.toString()).contains("looked at anew");
            assertThat(number(
                            standby,
                            "SELECT count(*) FROM neap.event WHERE kind = 'server changed'"
                                    + " AND message LIKE 'was %/00000001, is %/00000002'"))
                    .isEqualTo(1);
            assertThat(number(standby, FILLED)).isEqualTo(ROWS - ROWS / 7);
            assertThat(number(
                            standby,
                            "SELECT count(*) FROM source s FULL JOIN target t USING (id)"
                                    + " WHERE t.twice IS DISTINCT FROM 2 * s.price"))
                    .as("rows that are wrong, missing or back again")
                    .isZero();
            assertThat(number(standby, "SELECT count(*) FROM source WHERE price = -id"))
                    .isPositive();
        }
    }
}
