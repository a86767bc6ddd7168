package dev.neap.postgres.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttachWithoutLookingTest {
    private static final String TABLES = """
            CREATE SCHEMA work; CREATE SCHEMA kept;
            CREATE TABLE ref (id int PRIMARY KEY); INSERT INTO ref SELECT generate_series(1, 10);
            CREATE TABLE top (tenant int, id int NOT NULL, day date, r int REFERENCES ref, CHECK (id > 0))
              PARTITION BY LIST (tenant);
            CREATE TABLE events PARTITION OF top FOR VALUES IN (1, NULL) PARTITION BY RANGE (day, (id % 7));
            CREATE INDEX ON top (r);
            CREATE TABLE jan PARTITION OF events FOR VALUES FROM ('2024-01-01', 2) TO ('2024-02-01', MAXVALUE);
            CREATE TABLE rest PARTITION OF events DEFAULT;
            SET session_replication_role = replica;
            INSERT INTO events SELECT 1, g, date '2024-01-03' + g % 20, 1 + g % 10 FROM generate_series(1, 200000) g;
            INSERT INTO events SELECT 1, g, date '2025-01-03', 1 FROM generate_series(1, 200000) g;
            RESET session_replication_role;
            """;

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void the_swap_reads_and_builds_nothing_because_all_is_proven_before(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        server.createDatabase("attach");
        try (Connection neap = server.connect("attach")) {
            Rebuilds.run(neap, TABLES);
            ShadowDefinition shadow = Rebuilds.definition(neap, "jan", "events", "work", "kept");
            assertThat(shadow.refusals()).isEmpty();
            Rebuilds.build(neap, shadow);
            String bound = "ALTER TABLE work.jan DROP CONSTRAINT neap_bound_" + shadow.liveOid();
            String other = bound.replace("DROP", "ADD") + " CHECK (tenant < 5) NOT VALID";

            assertThat(readBySwap(neap, shadow, List.of())).containsExactly("jan false", "rest false");
            // What it costs to leave a proof out, as the usual recipes do
            assertThat(readBySwap(neap, shadow, List.of(bound, other))).containsExactly("jan true", "rest false");
            assertThat(readBySwap(neap, shadow, List.of("ALTER TABLE work.jan DROP CONSTRAINT top_r_fkey")))
                    .containsExactly("jan true", "rest false");
            assertThat(readBySwap(
                            neap,
                            shadow,
                            List.of(shadow.defaultCheck().orElseThrow().dropSql())))
                    .containsExactly("jan false", "rest true");
        }
    }

    /** Whether the swap reads rows of the shadow, and of the DEFAULT partition. */
    private static List<String> readBySwap(Connection neap, ShadowDefinition shadow, List<String> first)
            throws SQLException {
        Rebuilds.run(neap, "BEGIN");
        Rebuilds.run(neap, first);
        List<String> indexes = indexes(neap, "work.jan");
        // Counters of a session outlive its transactions for a while.
        long jan = rowsRead(neap, "work.jan");
        long rest = rowsRead(neap, "rest");
        Rebuilds.run(neap, Rebuilds.swap(shadow));
        assertThat(indexes(neap, "jan")).isEqualTo(indexes);
        List<String> read = List.of("jan " + (rowsRead(neap, "jan") > jan), "rest " + (rowsRead(neap, "rest") > rest));
        Rebuilds.run(neap, "ROLLBACK");
        return read;
    }

    private static long rowsRead(Connection connection, String table) throws SQLException {
        return Long.parseLong(
                Rebuilds.texts(connection, "SELECT pg_stat_get_xact_tuples_returned('" + table + "'::regclass)")
                        .get(0));
    }

    private static List<String> indexes(Connection connection, String table) throws SQLException {
        return Rebuilds.texts(
                connection,
                "SELECT indexrelid::text FROM pg_index WHERE indrelid = '" + table + "'::regclass ORDER BY indexrelid");
    }
}
