package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.ChildJvm;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Keys up to 10^8 of which most are missing, and one row that cannot be written, planned and filled by a process that has
 * little memory. What ten million rows take is measured by `neap-bench/run sparse`.
 */
class SparseKeysTest {
    private static final int HEAP_MB = 64;
    private static final int ROWS = 200_000;

    @Test
    void a_hundred_million_keys_with_gaps_are_planned_in_seconds_and_filled_but_for_the_one_bad_row() throws Exception {
        PostgresServer server = PostgresServer.newest();
        String database = server.createDatabase("sparse_keys");
        // One row in a hundred is all over a hundred million keys, the others are close together behind them.
        server.execute(
                database,
                "CREATE TABLE s (id bigint PRIMARY KEY, v text)",
                "CREATE TABLE t (id bigint PRIMARY KEY, n int)",
                "INSERT INTO s SELECT CASE WHEN n % 100 = 0 THEN n * 500 ELSE 100000000 + n * 3 END, n::text"
                        + " FROM generate_series(1, " + ROWS + ") n",
                "UPDATE s SET v = 'poison' WHERE id = 100150003",
                "ANALYZE s");
        try (ChildJvm child = ChildJvm.start(
                HEAP_MB, SparseKeys.class.getName(), List.of(String.valueOf(server.port()), database), line -> {})) {

            int code = child.end(Duration.ofMinutes(2));
            System.out.println(child.output());

            assertThat(code).as(child.output()).isZero();
            assertThat(child.output()).contains("units 4").contains("done");
        }
        assertThat(text(server, database, "SELECT key::text || ' ' || cause FROM neap.quarantine"))
                .startsWith("{100150003} ")
                .contains("poison");
        assertThat(text(
                        server,
                        database,
                        "SELECT count(*) FROM s FULL JOIN t USING (id) WHERE s.v IS DISTINCT FROM"
                                + " t.n::text AND id <> 100150003"))
                .isEqualTo("0");
        assertThat(text(server, database, "SELECT count(*) FROM t")).isEqualTo(String.valueOf(ROWS - 1));
        assertThat(text(server, database, "SELECT max(rows_loaded) < 2 * min(rows_loaded) FROM neap.unit"))
                .as("segments hold like numbers of rows, not of keys")
                .isEqualTo("t");
    }

    private static String text(PostgresServer server, String database, String query) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
