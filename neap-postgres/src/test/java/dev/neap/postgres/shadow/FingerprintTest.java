package dev.neap.postgres.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FingerprintTest {
    /** Each on its own must be seen. LEAF and EVENTS stand for the two tables. */
    private static final List<String> CHANGES = List.of(
            "ALTER TABLE EVENTS ADD COLUMN more int",
            "ALTER TABLE LEAF ALTER COLUMN region SET DEFAULT 'zz'",
            "ALTER TABLE LEAF ALTER COLUMN region SET STATISTICS 12",
            "ALTER TABLE LEAF ALTER COLUMN region SET (n_distinct = 3)",
            "ALTER TABLE LEAF ALTER COLUMN payload SET STORAGE MAIN",
            "ALTER TABLE LEAF ALTER COLUMN region DROP NOT NULL",
            "ALTER TABLE LEAF SET (fillfactor = 60)",
            "ALTER TABLE LEAF SET (toast.autovacuum_enabled = true)",
            "ALTER TABLE LEAF OWNER TO ev_reader",
            "ALTER TABLE LEAF SET WITHOUT CLUSTER",
            "ALTER TABLE LEAF REPLICA IDENTITY FULL",
            "ALTER TABLE LEAF NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE LEAF RENAME TO renamed",
            "ALTER TABLE LEAF SET SCHEMA public",
            "ALTER SCHEMA \"App Data\" RENAME TO elsewhere",
            "CREATE INDEX ON LEAF (at)",
            "CREATE INDEX ON EVENTS (at)",
            "DROP INDEX \"App Data\".leaf_gin",
            "ALTER INDEX \"App Data\".leaf_gin RENAME TO other_gin",
            "ALTER INDEX \"App Data\".leaf_expression SET (fillfactor = 50)",
            "ALTER INDEX \"App Data\".leaf_expression ALTER COLUMN 2 SET STATISTICS 5",
            "ALTER TABLE LEAF ADD CHECK (id <> -78)",
            "ALTER TABLE EVENTS ADD CHECK (id <> -79)",
            "ALTER TABLE LEAF VALIDATE CONSTRAINT \"own fk\"",
            "ALTER TABLE LEAF DROP CONSTRAINT \"own fk\"",
            "ALTER TABLE EVENTS ADD FOREIGN KEY (\"user Id\") REFERENCES \"App Data\".users",
            "CREATE TABLE inbound (id bigint, day date, FOREIGN KEY (id, day) REFERENCES EVENTS)",
            "CREATE TABLE inbound (id bigint, day date, FOREIGN KEY (id, day) REFERENCES LEAF)",
            "CREATE TRIGGER more BEFORE INSERT ON LEAF FOR EACH ROW EXECUTE FUNCTION \"App Data\".touch()",
            "CREATE TRIGGER more AFTER INSERT ON EVENTS FOR EACH ROW EXECUTE FUNCTION \"App Data\".touch()",
            "ALTER TABLE LEAF ENABLE TRIGGER own_statement",
            "ALTER TABLE LEAF DISABLE TRIGGER ALL",
            "ALTER POLICY readers ON LEAF USING (false)",
            "DROP RULE own_rule ON LEAF",
            "GRANT DELETE ON LEAF TO ev_reader",
            "GRANT SELECT (amount) ON LEAF TO ev_reader",
            "ALTER PUBLICATION \"Some Rows\" DROP TABLE LEAF",
            "CREATE PUBLICATION everything FOR ALL TABLES",
            "ALTER STATISTICS \"App Data\".more_stats SET STATISTICS 56",
            "COMMENT ON TABLE LEAF IS 'other'",
            "COMMENT ON COLUMN LEAF.id IS 'other'",
            "COMMENT ON INDEX \"App Data\".leaf_gin IS 'other'",
            "COMMENT ON CONSTRAINT \"own fk\" ON LEAF IS 'other'",
            "COMMENT ON TRIGGER \"own row\" ON LEAF IS 'other'",
            "COMMENT ON POLICY readers ON LEAF IS 'other'",
            "COMMENT ON STATISTICS \"App Data\".\"Some Stats\" IS 'other'",
            "CREATE VIEW looks AS SELECT id FROM LEAF",
            "CREATE VIEW looks AS SELECT NULL::LEAF AS a_row",
            "CREATE FUNCTION uses(LEAF) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "ALTER TABLE LEAF ALTER COLUMN serial_no DROP DEFAULT;"
                    + " ALTER SEQUENCE \"App Data\".some_sequence OWNED BY LEAF.serial_no",
            "TRUNCATE LEAF CASCADE",
            "ALTER TABLE EVENTS DETACH PARTITION LEAF",
            "DROP TABLE \"App Data\".rest",
            "ALTER TABLE \"App Data\".rest RENAME TO remainder");

    /** None of these matters. */
    private static final List<String> HARMLESS = List.of(
            "VACUUM (ANALYZE) LEAF",
            "INSERT INTO LEAF (id, day, amount, \"weird \"\"col\") OVERRIDING SYSTEM VALUE VALUES (5001, '2024-03-03', 2, 'w')",
            "REINDEX INDEX CONCURRENTLY \"App Data\".leaf_expression",
            "REINDEX TABLE LEAF",
            "CREATE TRIGGER neap_capture_rows AFTER DELETE ON LEAF FOR EACH ROW EXECUTE FUNCTION \"App Data\".touch()",
            "ALTER TABLE LEAF ADD CONSTRAINT neap_bound_1 CHECK (id <> -80) NOT VALID",
            "ALTER TABLE \"App Data\".rest ADD CONSTRAINT neap_not_1 CHECK (id <> -80) NOT VALID",
            "CREATE TABLE \"App Data\".later PARTITION OF EVENTS FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')",
            "CREATE TABLE \"App Data\".regions_d PARTITION OF \"App Data\".regions FOR VALUES IN ('d')",
            "CREATE INDEX ON \"App Data\".other (at)",
            "CREATE VIEW looks AS SELECT id FROM EVENTS");

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void every_change_that_matters_changes_it_and_no_other_does(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        Everything.create(server, "fingerprint");
        try (Connection admin = server.connect("fingerprint");
                Connection other = server.connect("fingerprint")) {
            Rebuilds.run(
                    admin,
                    List.of(
                            "CREATE SCHEMA neap",
                            Fingerprint.sql(),
                            "CREATE SEQUENCE \"App Data\".some_sequence",
                            "ALTER SEQUENCE \"App Data\".some_sequence OWNER TO \"Table Owner\""));
            long live = Rebuilds.oid(admin, Everything.LEAF);
            long parent = Rebuilds.oid(admin, Everything.TABLE);
            String before = Fingerprint.of(admin, live, parent);

            TreeSet<String> unseen = new TreeSet<>();
            for (String change : CHANGES) {
                Rebuilds.run(admin, "BEGIN");
                Rebuilds.run(admin, filled(change));
                if (Fingerprint.of(admin, live, parent).equals(before)) {
                    unseen.add(change);
                }
                Rebuilds.run(admin, "ROLLBACK");
            }
            assertThat(unseen).isEmpty();

            for (String change : HARMLESS) {
                Rebuilds.run(admin, filled(change));
                assertThat(Fingerprint.of(admin, live, parent)).as(change).isEqualTo(before);
            }

            Rebuilds.run(
                    other,
                    "SET DateStyle = 'ISO, DMY'; SET IntervalStyle = 'iso_8601'; SET TimeZone = 'Asia/Tokyo'; SET bytea_output = 'escape';"
                            + " SET search_path = \"App Data\"; SET quote_all_identifiers = on");
            String call = "SELECT neap.fingerprint(" + live + ", " + parent + ")";
            assertThat(Rebuilds.texts(other, call)).containsExactly(before);
            assertThat(Fingerprint.of(other, live, parent)).isEqualTo(before);
            assertThat(Rebuilds.texts(other, "SHOW search_path")).containsExactly("\"App Data\"");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void once_planned_it_takes_a_few_milliseconds(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        Everything.create(server, "fingerprint_time");
        try (Connection admin = server.connect("fingerprint_time")) {
            Rebuilds.run(admin, List.of("CREATE SCHEMA neap", Fingerprint.sql()));
            String call = "SELECT neap.fingerprint(" + Rebuilds.oid(admin, Everything.LEAF) + ", "
                    + Rebuilds.oid(admin, Everything.TABLE) + ")";
            Rebuilds.texts(admin, call);
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 20; i++) {
                long start = System.nanoTime();
                Rebuilds.texts(admin, call);
                best = Math.min(best, System.nanoTime() - start);
            }
            assertThat(best / 1e6).as("milliseconds").isCloseTo(0, within(20.0));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void bounds_above_a_partition_and_beside_a_default_one_count(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        server.createDatabase("fingerprint_bounds");
        try (Connection admin = server.connect("fingerprint_bounds")) {
            Rebuilds.run(
                    admin,
                    List.of(
                            "CREATE TABLE top (a int, b int, c int) PARTITION BY RANGE (a)",
                            "CREATE TABLE high PARTITION OF top FOR VALUES FROM (0) TO (9) PARTITION BY LIST (b)",
                            "CREATE TABLE mid PARTITION OF high FOR VALUES IN (1) PARTITION BY RANGE (c)",
                            "CREATE TABLE one PARTITION OF mid FOR VALUES FROM (1) TO (2)",
                            "CREATE TABLE rest PARTITION OF mid DEFAULT"));
            String beside = "CREATE TABLE two PARTITION OF mid FOR VALUES FROM (2) TO (3)";
            String other =
                    "ALTER TABLE mid DETACH PARTITION one; ALTER TABLE mid ATTACH PARTITION one FOR VALUES FROM (1) TO (3)";
            String same =
                    "ALTER TABLE mid DETACH PARTITION one;  ALTER TABLE  mid  ATTACH  PARTITION  one  FOR VALUES FROM (1) TO (2)";
            String above =
                    "ALTER TABLE top DETACH PARTITION high; ALTER TABLE top ATTACH PARTITION high FOR VALUES FROM (0) TO (99)";
            String gone = "ALTER TABLE top DETACH PARTITION high";

            assertThat(changedBy(admin, "rest", beside)).isTrue();
            assertThat(changedBy(admin, "rest", other)).isTrue();
            assertThat(changedBy(admin, "rest", same)).isFalse();
            assertThat(changedBy(admin, "one", beside)).isFalse();
            assertThat(changedBy(admin, "one", above)).isTrue();
            assertThat(changedBy(admin, "one", gone)).isTrue();
        }
    }

    private static boolean changedBy(Connection admin, String leaf, String sql) throws Exception {
        long live = Rebuilds.oid(admin, leaf);
        long parent = Rebuilds.oid(admin, "mid");
        String before = Fingerprint.of(admin, live, parent);
        Rebuilds.run(admin, "BEGIN");
        Rebuilds.run(admin, sql);
        String after = Fingerprint.of(admin, live, parent);
        Rebuilds.run(admin, "ROLLBACK");
        return !after.equals(before);
    }

    private static String filled(String sql) {
        return sql.replace("LEAF", Everything.LEAF).replace("EVENTS", Everything.TABLE);
    }
}
