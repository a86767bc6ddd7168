package dev.neap.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.dialect.Tuning;
import dev.neap.dialect.UndoRefusal;
import dev.neap.plan.Plan;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.Stop;
import dev.neap.run.UndoPlan;
import dev.neap.run.UndoRequest;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Seeds;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What an undo, a cleanup and a status ask of the server where thousands of partitions were swapped and are kept. */
class ManyKeptTest {
    private static final String DATABASE = "many_kept";
    private static final int BESIDE = 100;
    private static final int PARTITIONS = Seeds.full() ? 20_000 : 300;
    /** Of Neap's questions, whatever the number of partitions; and one for each 500 of them. */
    private static final int FEW = 60;

    private static final String OTHERS =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    private static final String TRIGGERS = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_all_tables"
            + " WHERE relid = 'pg_catalog.pg_trigger'::regclass";
    /** Rows of what describes columns, indexes and constraints. */
    private static final String DEFINITIONS =
            "SELECT sum(seq_tup_read + idx_tup_fetch) FROM pg_stat_all_tables WHERE relid"
                    + " IN ('pg_attribute'::regclass, 'pg_index'::regclass, 'pg_constraint'::regclass)";

    private final PostgresServer server =
            PostgresServer.start(PostgresServer.newest().major(), Map.of("autovacuum", "off"));

    @Test
    void an_undo_a_cleanup_and_a_status_ask_few_questions_however_many_partitions_are_kept() throws Exception {
        try (server) {
            server.createDatabase(DATABASE);
            server.execute(
                    DATABASE,
                    "CREATE TABLE big (id int, a int, b int, v int, PRIMARY KEY (a, b, id)) PARTITION BY LIST (a)",
                    "CREATE INDEX ON big (v)");
            Neap neap = new Neap(new PostgresDialect(), server.target(DATABASE), Tuning.DEFAULT, Probe.NONE);
            for (int a = 1; a <= PARTITIONS / BESIDE; a++) {
                grow(a);
            }
            swapOne(neap);
            swappedLikeIt();
            UndoRequest request = new UndoRequest(1, null, List.of(), List.of(), false);

            UndoPlan undo = fewQuestions("the plan of an undo", () -> neap.undoPlan(request));
            assertThat(undo.units()).hasSize(PARTITIONS);
            assertThat(undo.refused()).isEmpty();
            assertThat(undo.units().stream()
                            .mapToLong(unit -> unit.undoable().changes())
                            .sum())
                    .as("a write to each but the one that was really swapped")
                    .isEqualTo(PARTITIONS - 1);
            server.execute(
                    DATABASE,
                    "DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || shadow_oid::regclass FROM neap.unit WHERE id = 2); END $$",
                    "UPDATE neap.undo_2 SET op = 'T'");
            assertThat(neap.undoPlan(request).refused())
                    .extracting(unit -> unit.undoable().refusal())
                    .containsExactly(UndoRefusal.TRUNCATED);
            server.execute(DATABASE, "UPDATE neap.undo_2 SET op = 'D'");
            assertThat(fewQuestions("what a cleanup would drop", neap::leftovers))
                    .filteredOn(left -> left.kind().equals("kept partition"))
                    .hasSize(PARTITIONS);
            assertThat(fewQuestions("a status", () -> neap.status("many", 10))
                            .orElseThrow()
                            .units()
                            .done())
                    .isEqualTo(PARTITIONS);
        }
    }

    private void grow(int a) {
        StringBuilder sql = new StringBuilder(
                "CREATE TABLE big_%1$d PARTITION OF big FOR VALUES IN (%1$d) PARTITION BY LIST (b);".formatted(a));
        for (int b = 1; b <= BESIDE; b++) {
            sql.append("CREATE TABLE big_%1$d_%2$d PARTITION OF big_%1$d FOR VALUES IN (%2$d);".formatted(a, b));
        }
        server.execute(DATABASE, sql.toString());
    }

    private static void swapOne(Neap neap) {
        Plan plan = neap.plan(ManyPartitionsPlan.backfill());
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        Stop stop = new Stop();
        neap.run(
                plan,
                event -> {
                    if (event instanceof RunEvent.UnitDone) {
                        stop.request("one is enough");
                    }
                },
                stop);
    }

    /** All others as if they had been swapped too, a hundred in a transaction. */
    private void swappedLikeIt() throws SQLException {
        server.execute(
                DATABASE, "CREATE FUNCTION records() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
        String some = """
                DO $$ DECLARE u record; BEGIN
                    FOR u IN SELECT id, partition_name AS name FROM neap.unit WHERE state = 'pending' LIMIT 100 LOOP
                        EXECUTE format('CREATE TABLE neap_kept_1.%1$I (LIKE public.%1$I INCLUDING ALL);'
                            'CREATE TABLE neap.undo_%2$s (seq bigint, op "char"); CREATE SEQUENCE neap.undo_%2$s_seq;'
                            'INSERT INTO neap.undo_%2$s VALUES (nextval(''neap.undo_%2$s_seq''), ''D'');'
                            'CREATE TRIGGER neap_undo_%2$s AFTER UPDATE ON public.%1$I FOR EACH ROW EXECUTE FUNCTION records();'
                            'CREATE TRIGGER neap_undo_%2$s_truncate AFTER TRUNCATE ON public.%1$I EXECUTE FUNCTION records();'
                            'ALTER TABLE public.%1$I ENABLE ALWAYS TRIGGER neap_undo_%2$s,'
                            ' ENABLE ALWAYS TRIGGER neap_undo_%2$s_truncate', u.name, u.id);
                        UPDATE neap.unit SET state = 'done', settled = true, live_oid = format('neap_kept_1.%I', u.name)::regclass,
                            shadow_oid = format('public.%I', u.name)::regclass, kept_until = now() + interval '1 day'
                        WHERE id = u.id;
                    END LOOP; END $$
                """;
        while (number("SELECT count(*) FROM neap.unit WHERE state = 'pending'") > 0) {
            server.execute(DATABASE, some);
        }
        server.execute(DATABASE, "ANALYZE");
    }

    /** A transaction is a question: what only looks is in autocommit. No catalog is read whole for each of them. */
    private <T> T fewQuestions(String what, Supplier<T> look) throws Exception {
        long transactions = transactions();
        long triggers = number(TRIGGERS);
        long definitions = number(DEFINITIONS);
        long began = System.nanoTime();
        T answer = look.get();
        long ms = (System.nanoTime() - began) / 1_000_000;
        long asked = transactions() - transactions;
        long read = number(TRIGGERS) - triggers;
        long described = number(DEFINITIONS) - definitions;
        System.out.println(what + ": " + PARTITIONS + " partitions, " + asked + " transactions, " + read
                + " triggers and " + described + " rows of definitions read, " + ms + " ms");
        assertThat(asked).as(what).isBetween(1L, FEW + PARTITIONS * 7L / 500);
        assertThat(read).as("triggers read for %s", what).isLessThan(20L * PARTITIONS + 1_000);
        assertThat(described).as("rows of definitions read for %s", what).isLessThan(200L * PARTITIONS + 10_000);
        return answer;
    }

    /** Sessions tell at their end what they did. */
    private long transactions() throws Exception {
        try (Connection c = server.connect(DATABASE);
                Statement s = c.createStatement()) {
            for (int i = 0; i < 100 && number(s, OTHERS) > 0; i++) {
                Thread.sleep(50);
            }
            return number(s, "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()");
        }
    }

    private long number(String query) throws SQLException {
        try (Connection c = server.connect(DATABASE);
                Statement s = c.createStatement()) {
            return number(s, query);
        }
    }

    private static long number(Statement s, String query) throws SQLException {
        try (ResultSet rs = s.executeQuery(query)) {
            rs.next();
            return rs.getLong(1);
        }
    }
}
