package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.postgres.PostgresDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGKILL of the server in the middle of a fill, whose batches do not wait for the log: they may be lost with it. */
class FillServerKilledTest {
    private static final int ROWS = 12_000;
    /** A batch is saved by any commit that waits for the log, such as a heartbeat's: then it is killed once more. */
    private static final int MOST_KILLS = 8;

    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private final List<Filled> after = new ArrayList<>();
    private long lost;
    private int batches;

    /** What is recorded of the segments, and what is there. */
    private record Filled(long recorded, long there) {}

    /** As it was told when their transactions had committed. */
    private long told() {
        Map<Long, Long> units = new HashMap<>();
        for (RunEvent event : events) {
            if (event instanceof RunEvent.RowsLoaded loaded) {
                units.put(loaded.unitId(), loaded.unitRows());
            }
        }
        return units.values().stream().mapToLong(Long::longValue).sum();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from: s, into: t, set: { id: id, twice: n * 2 }",
                "into: s, set: { twice: n * 2 }, conflict: overwrite, already_right: twice = n * 2",
            })
    void batches_that_a_killed_server_forgot_are_written_again_with_what_was_written_meanwhile(String fill)
            throws Exception {
        try (PostgresServer server = PostgresServer.forgetful()) {
            FillDatabase db = FillDatabase.create(server);
            String there = fill.startsWith("from") ? "SELECT count(*) FROM t" : "SELECT count(twice) FROM s";
            db.execute(
                    "CREATE TABLE s (id int PRIMARY KEY, n int NOT NULL, twice int)",
                    "CREATE TABLE t (id int PRIMARY KEY, twice int NOT NULL)",
                    "INSERT INTO s SELECT n, n FROM generate_series(1, " + ROWS + ") n",
                    "VACUUM ANALYZE s");
            Neap neap = new Neap(new PostgresDialect(), server.target(db.name()), FillDatabase.SHORT, point -> {
                if (point != Point.AFTER_FILL_BATCH || lost > 0 || after.size() == MOST_KILLS) {
                    return;
                }
                int batch = ++batches;
                if (batch % 3 == 2) {
                    server.execute(
                            db.name(), "SET synchronous_commit = off; UPDATE s SET n = -id WHERE id > " + (ROWS - 5));
                } else if (batch % 3 == 0) {
                    long told = told();
                    server.kill();
                    server.start();
                    after.add(filled(server, db.name(), there));
                    lost = told - after.get(after.size() - 1).recorded();
                }
            });

            RunResult result = neap.run(
                    neap.plan(db.backfill("fill: { " + fill + " }\nbatch_rows: 200\n")), 1, events::add, new Stop());

            assertThat(result.outcome()).as(events.toString()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(lost).as("rows of batches that were lost").isPositive();
            assertThat(after)
                    .as("rows and checkpoint are lost together")
                    .allMatch(filled -> filled.recorded() == filled.there());
            assertThat(number(
                            server,
                            db.name(),
                            fill.startsWith("from")
                                    ? "SELECT count(*) FROM s JOIN t USING (id) WHERE t.twice = 2 * s.n"
                                    : "SELECT count(*) FROM s WHERE twice = 2 * n"))
                    .isEqualTo(ROWS);
        }
    }

    private static Filled filled(PostgresServer server, String database, String there) {
        return new Filled(
                number(server, database, "SELECT sum(rows_filled)::bigint FROM neap.unit"),
                number(server, database, there));
    }

    private static long number(PostgresServer server, String database, String sql) {
        try (var connection = server.connect(database);
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
