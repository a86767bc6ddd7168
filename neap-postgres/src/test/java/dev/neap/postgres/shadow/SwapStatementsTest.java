package dev.neap.postgres.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.CatalogDescription;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
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

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
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
    @ValueSource(ints = {14, 18})
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
