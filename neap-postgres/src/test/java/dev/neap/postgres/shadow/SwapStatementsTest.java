package dev.neap.postgres.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.CatalogDescription;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SwapStatementsTest {
    private static final String ROWS = "SELECT e::text FROM " + Everything.TABLE + " e ORDER BY id, day";

    /** Locks that stall anybody, on tables and sequences; the strongest of each. */
    private static final String LOCKS = """
            SELECT format('%I.%I %s', n.nspname, c.relname, min(CASE l.mode WHEN 'AccessExclusiveLock' THEN
                          'ACCESS EXCLUSIVE' WHEN 'ShareRowExclusiveLock' THEN 'SHARE ROW EXCLUSIVE' ELSE l.mode END))
            FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE l.pid = %d AND n.nspname IN ('App Data', 'neap work', 'neap_kept') AND c.relkind IN ('r', 'p', 'S')
              AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
            GROUP BY n.nspname, c.relname, c.oid ORDER BY 1""";

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 16, 17, 18})
    void the_swap_locks_what_it_says_and_nothing_else(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        Everything.create(server, "locks");
        try (Connection admin = server.connect("locks");
                Connection neap = server.connect("locks", Everything.RUNNER)) {
            ShadowDefinition shadow = Rebuilds.definition(neap, Everything.LEAF, Everything.TABLE);
            Rebuilds.build(neap, shadow);
            int pid = Integer.parseInt(
                    Rebuilds.texts(neap, "SELECT pg_backend_pid()").get(0));
            String locks = LOCKS.replace("%d", String.valueOf(pid));

            Rebuilds.run(neap, "BEGIN");
            Rebuilds.run(neap, shadow.swap());
            TreeSet<String> taken = new TreeSet<>(Rebuilds.texts(admin, locks));
            Rebuilds.run(neap, "ROLLBACK");

            // Before the COMMIT nobody else sees the moves, so the names are those from before.
            assertThat(taken)
                    .containsExactlyElementsOf(new TreeSet<>(shadow.locks().stream()
                            .map(lock -> lock.relation() + " " + lock.mode())
                            .toList()));

            Rebuilds.run(neap, "BEGIN");
            Rebuilds.run(neap, Rebuilds.locks(shadow));
            TreeSet<String> asked = new TreeSet<>(Rebuilds.texts(admin, locks));
            Rebuilds.run(neap, "ROLLBACK");
            taken.removeIf(lock -> lock.contains("_seq\""));
            assertThat(asked).containsExactlyElementsOf(taken);
        }
    }

    /** Every table at every level may have a DEFAULT partition and a foreign key: only the direct parent's family is locked. */
    private static final String DEEP = """
            CREATE SCHEMA work; CREATE SCHEMA kept; CREATE SCHEMA deep; SET search_path = deep;
            CREATE TABLE ref (id int PRIMARY KEY);
            CREATE TABLE top (a int, b int, c int, r int REFERENCES ref) PARTITION BY RANGE (a);
            CREATE TABLE top_rest PARTITION OF top DEFAULT;
            CREATE TABLE mid PARTITION OF top FOR VALUES FROM (0) TO (9) PARTITION BY LIST (b);
            CREATE TABLE mid_rest PARTITION OF mid DEFAULT;
            CREATE TABLE low PARTITION OF mid FOR VALUES IN (1, NULL) PARTITION BY %s;
            CREATE TABLE leaf PARTITION OF low %s;
            CREATE TABLE beside PARTITION OF low %s;
            CREATE INDEX ON top (c);
            INSERT INTO ref VALUES (1);
            """;

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void of_the_tables_above_a_partition_only_its_parent_is_locked(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        String hashed = DEEP.formatted(
                "HASH (c)", "FOR VALUES WITH (MODULUS 2, REMAINDER 0)", "FOR VALUES WITH (MODULUS 2, REMAINDER 1)");
        String ranged = DEEP.formatted("RANGE (c)", "FOR VALUES FROM (0) TO (9)", "DEFAULT PARTITION BY LIST (c)")
                + "CREATE TABLE beneath PARTITION OF beside DEFAULT";
        String rest = DEEP.formatted("RANGE (c)", "DEFAULT", "FOR VALUES FROM (0) TO (9)");

        assertThat(locked(server, hashed))
                .containsExactly("deep.leaf AccessExclusive", "deep.low AccessExclusive", "deep.ref AccessExclusive");
        assertThat(locked(server, ranged))
                .containsExactly(
                        "deep.beneath AccessExclusive",
                        "deep.beside AccessExclusive",
                        "deep.leaf AccessExclusive",
                        "deep.low AccessExclusive",
                        "deep.ref AccessExclusive");
        assertThat(locked(server, rest))
                .containsExactly("deep.leaf AccessExclusive", "deep.low AccessExclusive", "deep.ref AccessExclusive");
    }

    /** What stalls anybody, as the swap takes it; it must be what the definition says. */
    private static List<String> locked(PostgresServer server, String tables) throws Exception {
        server.createDatabase("deep");
        try (Connection admin = server.connect("deep");
                Connection neap = server.connect("deep")) {
            Rebuilds.run(neap, tables);
            ShadowDefinition shadow = Rebuilds.definition(neap, "leaf", "low", "work", "kept");
            assertThat(shadow.refusals()).isEmpty();
            Rebuilds.build(neap, shadow);
            String pid = Rebuilds.texts(neap, "SELECT pg_backend_pid()").get(0);

            Rebuilds.run(neap, "BEGIN");
            Rebuilds.run(neap, shadow.swap());
            Rebuilds.run(
                    neap,
                    shadow.defaultCheck().map(DefaultCheck::dropSql).stream().toList());
            List<String> taken = Rebuilds.texts(admin, """
                    SELECT DISTINCT ON (1) 'deep.' || c.relname || ' ' || replace(max(l.mode) FILTER (
                               WHERE l.mode = 'AccessExclusiveLock'), 'Lock', '')
                    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                    WHERE l.pid = %s AND c.relnamespace = 'deep'::regnamespace AND c.relkind IN ('r', 'p')
                      AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
                    GROUP BY c.oid, c.relname ORDER BY 1""".formatted(pid));
            Rebuilds.run(neap, "ROLLBACK");
            assertThat(shadow.locks().stream()
                            .filter(lock -> lock.oid() != 0)
                            .map(lock -> lock.relation() + " AccessExclusive"))
                    .containsExactlyInAnyOrderElementsOf(taken);
            return taken;
        }
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void undo_is_the_same_swap_the_other_way(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        Everything.create(server, "undo");
        try (Connection admin = server.connect("undo");
                Connection neap = server.connect("undo", Everything.RUNNER)) {
            List<String> before = CatalogDescription.ofTable(admin, Everything.TABLE);
            List<String> rows = Rebuilds.texts(admin, ROWS);
            ShadowDefinition shadow = Rebuilds.definition(neap, Everything.LEAF, Everything.TABLE);
            Rebuilds.build(neap, shadow);
            Rebuilds.run(neap, "UPDATE " + shadow.shadow() + " SET region = 'c' WHERE id > 0");
            Rebuilds.transaction(neap, Rebuilds.swap(shadow));
            assertThat(Rebuilds.texts(admin, ROWS)).isNotEqualTo(rows);

            ShadowDefinition undo =
                    Rebuilds.definition(neap, Everything.LEAF, Everything.TABLE, Everything.KEPT, Everything.WORK);
            assertThat(undo.refusals()).isEmpty();
            Rebuilds.prove(neap, undo);
            Rebuilds.transaction(neap, Rebuilds.swap(undo));

            assertThat(Rebuilds.oid(admin, Everything.LEAF)).isEqualTo(shadow.liveOid());
            ShadowDefinitionTest.assertSame(before, CatalogDescription.ofTable(admin, Everything.TABLE));
            assertThat(Rebuilds.texts(admin, ROWS)).isEqualTo(rows);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void the_kept_partition_is_in_nobodys_way(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        Everything.create(server, "kept");
        try (Connection admin = server.connect("kept");
                Connection neap = server.connect("kept", Everything.RUNNER)) {
            ShadowDefinition shadow = Rebuilds.definition(neap, Everything.LEAF, Everything.TABLE);
            Rebuilds.build(neap, shadow);
            Rebuilds.transaction(neap, Rebuilds.swap(shadow));
            String counted = "SELECT count(*)::text FROM " + shadow.kept();
            List<String> before = Rebuilds.texts(admin, counted);

            Rebuilds.run(admin, "DROP PUBLICATION \"Some Rows\"");
            // A key that cascades, and one that does not
            Rebuilds.run(admin, "DELETE FROM \"App Data\".users WHERE id = 3");
            Rebuilds.run(admin, "DELETE FROM " + Everything.LEAF + " WHERE region = 'c'");
            Rebuilds.run(admin, "DELETE FROM \"App Data\".regions WHERE code = 'c'");
            // Whoever drops the sequence's table
            Rebuilds.run(admin, "BEGIN");
            Rebuilds.run(admin, "DROP TABLE " + Everything.LEAF);
            Rebuilds.run(admin, "ROLLBACK");

            assertThat(Rebuilds.texts(admin, counted)).isEqualTo(before);
            assertThat(CatalogDescription.ofTable(admin, shadow.kept()))
                    .noneMatch(line -> line.contains(" trigger CREATE")
                            || line.contains("RI_FKey")
                            || line.contains(" policy ")
                            || line.contains(" rule ")
                            || line.contains("FOREIGN KEY")
                            || line.contains("publication"));
            Rebuilds.run(neap, "DROP TABLE " + shadow.kept());
            assertThat(Rebuilds.texts(
                            admin,
                            "SELECT relname FROM pg_class WHERE relnamespace IN"
                                    + " ('neap_kept'::regnamespace, '\"neap work\"'::regnamespace)"))
                    .isEmpty();
        }
    }
}
