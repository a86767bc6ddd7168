package dev.neap.postgres.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
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

    /** A leaf, its direct parent, and what makes them; 5,000 rows go to the leaf. */
    static Stream<Arguments> kinds() {
        String fill = "INSERT INTO leaf SELECT g, date '2024-01-01' + g % 20, 'k' || g % 9 FROM numbers";
        String columns = "CREATE TABLE %s (id int, day date, kind text) PARTITION BY ";
        String top = columns.formatted("top");
        List<String> kinds = List.of(
                top + "RANGE (day); CREATE TABLE leaf PARTITION OF top FOR VALUES FROM ('2024-01-01') TO (MAXVALUE)",
                top
                        + "RANGE (day, kind); CREATE TABLE leaf PARTITION OF top FOR VALUES FROM ('2024-01-01', MINVALUE) TO ('2024-03-01', 'z')",
                top
                        + "RANGE (date_trunc('month', day::timestamp)); CREATE TABLE leaf PARTITION OF top FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                top + "LIST (left(kind, 1)); CREATE TABLE leaf PARTITION OF top FOR VALUES IN ('k', 'it''s', NULL)",
                top + "LIST (kind); CREATE TABLE leaf PARTITION OF top FOR VALUES IN ("
                        + String.join(
                                ", ",
                                IntStream.range(0, 150)
                                        .mapToObj(i -> "'k" + i + "'")
                                        .toList()) + ")",
                top
                        + "HASH (id, day); CREATE TABLE leaf PARTITION OF top FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
                        + " CREATE OR REPLACE VIEW numbers AS SELECT g FROM generate_series(1, 9000) g WHERE satisfies_hash_partition('top'::regclass, 2, 1, g, date '2024-01-01' + g % 20)",
                top
                        + "RANGE (id); CREATE TABLE leaf PARTITION OF top DEFAULT; DO $$ BEGIN FOR i IN 1..100 LOOP EXECUTE format('CREATE TABLE p%s PARTITION OF top FOR VALUES FROM (%s) TO (%s)', i, -2 * i, -2 * i + 1); END LOOP; END $$",
                top
                        + "LIST (id); CREATE TABLE leaf PARTITION OF top DEFAULT; CREATE TABLE p PARTITION OF top FOR VALUES IN (-1, NULL)",
                top + "LIST (id); CREATE TABLE leaf PARTITION OF top DEFAULT");
        List<String> deep = List.of(
                top
                        + "LIST (left(kind, 1)); CREATE TABLE toprest PARTITION OF top DEFAULT; CREATE TABLE above PARTITION OF top FOR VALUES IN ('k', NULL)"
                        + " PARTITION BY RANGE (day); CREATE TABLE parent PARTITION OF above FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') PARTITION BY HASH (day);"
                        + " CREATE TABLE leaf PARTITION OF parent FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
                top
                        + "HASH (id); CREATE TABLE parent PARTITION OF top FOR VALUES WITH (MODULUS 1, REMAINDER 0) PARTITION BY LIST (day);"
                        + " CREATE TABLE leaf PARTITION OF parent DEFAULT; CREATE TABLE p PARTITION OF parent FOR VALUES IN ('2023-01-01')",
                top
                        + "RANGE (id); CREATE TABLE parent PARTITION OF top DEFAULT PARTITION BY RANGE (id); CREATE TABLE p PARTITION OF top FOR VALUES FROM (MINVALUE) TO (0);"
                        + " CREATE TABLE leaf PARTITION OF parent FOR VALUES FROM (0) TO (MAXVALUE); CREATE TABLE rest PARTITION OF parent DEFAULT");
        return PostgresServer.tested()
                .flatMap(major -> Stream.concat(
                        kinds.stream().map(sql -> Arguments.of(major, "top", sql, fill)),
                        deep.stream().map(sql -> Arguments.of(major, "parent", sql, fill))));
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("kinds")
    void no_kind_of_partition_is_read_when_it_is_attached(int major, String parent, String tables, String fill)
            throws Exception {
        PostgresServer server = PostgresServer.of(major);
        server.createDatabase("attach_kinds");
        try (Connection neap = server.connect("attach_kinds")) {
            Rebuilds.run(
                    neap,
                    "CREATE SCHEMA work; CREATE SCHEMA kept; CREATE SCHEMA tables; CREATE VIEW numbers AS SELECT g FROM generate_series(1, 5000) g; SET search_path = tables, public");
            Rebuilds.run(neap, tables);
            Rebuilds.run(neap, fill);
            ShadowDefinition shadow = Rebuilds.definition(neap, "leaf", parent, "work", "kept");
            assertThat(shadow.refusals()).isEmpty();
            Rebuilds.build(neap, shadow);

            Rebuilds.run(neap, "BEGIN");
            long before = rowsRead(neap, "work.leaf");
            Rebuilds.run(neap, Rebuilds.swap(shadow));
            assertThat(rowsRead(neap, "leaf")).isEqualTo(before);
            Rebuilds.run(neap, "ROLLBACK");
            // The same without the proof: so this test can fail.
            Rebuilds.run(neap, "BEGIN");
            if (!shadow.boundCheck().get(0).contains("CHECK (true)")) {
                Rebuilds.run(neap, "ALTER TABLE work.leaf DROP CONSTRAINT neap_bound_" + shadow.liveOid());
                Rebuilds.run(
                        neap, "ALTER TABLE work.leaf ADD CONSTRAINT neap_bound_" + shadow.liveOid() + " CHECK (true)");
                before = rowsRead(neap, "work.leaf");
                Rebuilds.run(neap, Rebuilds.swap(shadow));
                assertThat(rowsRead(neap, "leaf")).isGreaterThan(before);
            }
            Rebuilds.run(neap, "ROLLBACK");
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
