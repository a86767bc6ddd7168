package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.Difference.Kind;
import dev.neap.dialect.NeapException;
import dev.neap.rebuild.Point;
import dev.neap.testkit.PostgresServer;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyRequest;
import dev.neap.verify.VerifyRequest.Fix;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Spoiled rows are mended, and nothing else is touched: not what the application writes meanwhile, and no extra row. */
class MendTest {
    private static final VerifyRequest MEND = VerifyRequest.everyRow(Fix.MEND);
    private static final VerifyRequest PRINT = VerifyRequest.everyRow(Fix.PRINT);

    /** Between the two writes of an application that is given little of a processor. */
    private static final Duration SECOND_WRITE = Duration.ofSeconds(1);

    private static final String KEEP = "fill: { from: s, into: t, set: { id: id, v: upper(v) } }\n";
    private static final String OVERWRITE =
            "fill: { from: s, into: t, set: { id: id, v: upper(v) }, conflict: overwrite }\n";

    private static FillDatabase database(PostgresServer server) throws SQLException {
        return filled(FillDatabase.create(server));
    }

    private static FillDatabase filled(FillDatabase db) throws SQLException {
        db.execute(
                "CREATE TABLE s (id int PRIMARY KEY, v text)",
                "CREATE TABLE t (id bigserial PRIMARY KEY, v text CHECK (v <> 'V9'), remark text)",
                "INSERT INTO s SELECT n, 'v' || n FROM generate_series(1, 3000) n WHERE n <> 9",
                "INSERT INTO t (id, v) SELECT id, upper(v) FROM s");
        return db;
    }

    private static TableReport verify(FillDatabase db, String fill, VerifyRequest request) {
        return db.verify(fill, request).tables().get(0);
    }

    private static List<String> named(TableReport table) {
        return table.named().stream()
                .map(m -> m.kind() + " " + m.key().get(0) + (m.mended() ? " mended" : ""))
                .toList();
    }

    @Test
    void missing_and_wrong_rows_are_mended_and_an_extra_one_is_left() throws Exception {
        for (PostgresServer server : List.of(PostgresServer.newest(), PostgresServer.oldest())) {
            try (FillDatabase db = database(server)) {
                db.execute(
                        "UPDATE t SET v = 'Eve', remark = 'kept' WHERE id = 6",
                        "UPDATE t SET v = NULL WHERE id = 7",
                        "DELETE FROM t WHERE id IN (3, 3000)",
                        "INSERT INTO t VALUES (5000, 'extra')");
                String others =
                        db.text("SELECT string_agg(t::text || xmin, ',' ORDER BY id) FROM t WHERE id NOT IN (6, 7)");

                TableReport mended = verify(db, OVERWRITE, MEND);

                assertThat(named(mended))
                        .containsExactlyInAnyOrder(
                                "WRONG 6 mended",
                                "WRONG 7 mended",
                                "MISSING 3 mended",
                                "MISSING 3000 mended",
                                "EXTRA 5000");
                assertThat(mended.proved()).isFalse();
                assertThat(mended.notes()).anyMatch(note -> note.contains("extra rows are never deleted"));
                assertThat(named(verify(db, OVERWRITE, VerifyRequest.EVERY_ROW)))
                        .containsExactly("EXTRA 5000");
                assertThat(db.text("SELECT v || remark FROM t WHERE id = 6")).isEqualTo("V6kept");
                assertThat(
                                db.text(
                                        "SELECT string_agg(t::text || xmin, ',' ORDER BY id) FROM t WHERE id NOT IN (3, 6, 7, 3000)"))
                        .isEqualTo(others);
                db.execute("DELETE FROM t WHERE id IN (3, 5000)");
                assertThat(verify(db, OVERWRITE, MEND).proved()).isTrue();
                assertThat(db.number("SELECT nextval('t_id_seq')")).isGreaterThan(3000);
            }
        }
    }

    @Test
    void what_is_there_stays_where_the_file_says_keep() throws Exception {
        try (FillDatabase db = database(PostgresServer.newest())) {
            db.execute("UPDATE t SET v = 'the application' WHERE id = 6", "DELETE FROM t WHERE id = 3");

            TableReport mended = verify(db, KEEP, MEND);

            assertThat(named(mended)).containsExactlyInAnyOrder("MISSING 3 mended", "WRONG 6");
            assertThat(mended.proved()).isFalse();
            assertThat(mended.notes()).anyMatch(note -> note.contains("conflict: keep"));
            assertThat(db.text("SELECT v FROM t WHERE id = 6")).isEqualTo("the application");
        }
    }

    @Test
    void columns_of_the_same_table_are_mended_by_the_same_rule() throws Exception {
        String fill = "fill: { into: item, set: { cents: price * 100 } }\n";
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE item (id int PRIMARY KEY, price numeric, cents bigint)",
                    "INSERT INTO item SELECT n, n, n * 100 FROM generate_series(1, 2000) n",
                    "UPDATE item SET cents = NULL WHERE id = 5",
                    "UPDATE item SET cents = 1 WHERE id = 6");

            assertThat(named(verify(db, fill, MEND))).containsExactlyInAnyOrder("WRONG 5 mended", "WRONG 6");
            String overwrite = fill.replace(" }\n", ", conflict: overwrite }\n");
            assertThat(named(verify(db, overwrite, MEND))).containsExactly("WRONG 6 mended");
            assertThat(db.number("SELECT count(*) FROM item WHERE cents = price * 100"))
                    .isEqualTo(2_000);
        }
    }

    @Test
    void a_row_that_the_server_refuses_is_left_with_its_cause_and_hides_no_other() throws Exception {
        try (FillDatabase db = database(PostgresServer.newest())) {
            db.execute("INSERT INTO s VALUES (9, 'v9')", "DELETE FROM t WHERE id IN (8, 10)");

            TableReport mended = verify(db, KEEP, MEND);

            assertThat(named(mended)).containsExactlyInAnyOrder("MISSING 8 mended", "MISSING 9", "MISSING 10 mended");
            assertThat(mended.named())
                    .filteredOn(m -> !m.mended())
                    .allSatisfy(
                            m -> assertThat(m.cause()).contains("not mended").contains("t_v_check"));
            assertThat(mended.proved()).isFalse();
        }
    }

    @Test
    void beside_an_application_that_writes_both_places_nothing_of_its_own_is_overwritten() throws Exception {
        try (FillDatabase db = filled(FillDatabase.create(SECOND_WRITE))) {
            db.execute("UPDATE t SET v = 'spoiled' WHERE id % 3 = 0", "DELETE FROM t WHERE id % 3 = 1");
            // The target first: what it has written there is right, and the source does not say so yet.
            try (Beside application = new Beside(db, (c, random) -> {
                int some = random.nextInt(20);
                String now = String.valueOf(random.nextInt());
                Beside.execute(c, "UPDATE t SET v = 'W' || ? WHERE id % 20 = ?", now, some);
                Beside.pause(100);
                Beside.execute(c, "UPDATE s SET v = 'w' || ? WHERE id % 20 = ?", now, some);
            })) {
                verify(db, OVERWRITE, MEND);
                assertThat(application.end()).isGreaterThan(5);
            }
            assertThat(db.number("SELECT count(*) FROM s FULL JOIN t USING (id) WHERE upper(s.v) IS DISTINCT FROM t.v"))
                    .as("rows of which the two places do not agree")
                    .isZero();
        }
    }

    @Test
    void a_row_that_was_deleted_in_the_target_while_it_was_missing_and_then_in_the_source_is_not_brought_back()
            throws Exception {
        try (FillDatabase db = filled(FillDatabase.create(SECOND_WRITE))) {
            db.execute("DELETE FROM t WHERE id IN (3, 4, 5)");
            // Its delete in the target met nothing; the one in the source comes when the row has been put in.
            try (Beside application = new Beside(db, (c, random) -> {
                Beside.execute(c, "DELETE FROM s WHERE id = 3 AND EXISTS (SELECT FROM t WHERE id = 3)");
                Beside.execute(
                        c,
                        "UPDATE s SET v = 'late' WHERE id = 4 AND v <> 'late' AND EXISTS (SELECT FROM t WHERE id = 4)");
            })) {
                verify(db, KEEP, MEND);
                assertThat(application.end()).isPositive();
            }
            assertThat(db.number("SELECT count(*) FROM s WHERE id = 3")).isZero();
            assertThat(db.number("SELECT count(*) FROM t WHERE id = 3")).isZero();
            assertThat(db.text("SELECT v FROM t WHERE id = 4")).isEqualTo("LATE");
            assertThat(db.text("SELECT v FROM t WHERE id = 5")).isEqualTo("V5");
        }
    }

    @Test
    void the_sql_changes_nothing_until_somebody_executes_it() throws Exception {
        try (FillDatabase db = database(PostgresServer.newest())) {
            db.execute("UPDATE t SET v = 'Eve' WHERE id = 6", "DELETE FROM t WHERE id = 3");
            String before = db.text("SELECT string_agg(t::text || xmin, ',' ORDER BY id) FROM t");

            TableReport printed = verify(db, OVERWRITE, PRINT);

            assertThat(named(printed)).containsExactlyInAnyOrder("WRONG 6", "MISSING 3");
            assertThat(db.text("SELECT string_agg(t::text || xmin, ',' ORDER BY id) FROM t"))
                    .isEqualTo(before);
            assertThat(printed.fix()).isNotNull();
            db.execute(printed.fix().sql().toArray(String[]::new));
            assertThat(verify(db, OVERWRITE, VerifyRequest.EVERY_ROW).proved()).isTrue();
        }
    }

    @Test
    void what_a_run_may_not_write_is_not_mended_either() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE price (id int PRIMARY KEY, was int, amount int, doubled boolean NOT NULL DEFAULT false)",
                    "INSERT INTO price SELECT n, n, n * 2 FROM generate_series(1, 100) n");

            assertThatThrownBy(() -> verify(
                            db, "fill: { into: price, set: { amount: amount * 2 }, conflict: overwrite }\n", MEND))
                    .isInstanceOf(NeapException.class)
                    .hasMessageContaining("reads a column that the fill sets");
            assertThatThrownBy(() -> verify(db, """
                            fill:
                              into: price
                              set: { amount: amount * 2, doubled: 'true' }
                              conflict: overwrite
                              already_right: doubled
                              expect: { amount: was * 2 }
                            """, MEND))
                    .isInstanceOf(NeapException.class)
                    .hasMessageContaining("expect must name every column");
            assertThat(db.number("SELECT sum(amount - was * 2) FROM price")).isZero();
        }
    }

    @Test
    void while_a_run_is_not_finished_nothing_is_mended() throws Exception {
        try (FillDatabase db = database(PostgresServer.newest())) {
            assertThatThrownBy(() -> db.run(db.backfill(KEEP), 1, at -> {
                        if (at == Point.AFTER_FILL_BATCH) {
                            throw new IllegalStateException("dies");
                        }
                    }))
                    .hasMessageContaining("dies");

            assertThatThrownBy(() -> verify(db, KEEP, MEND)).hasMessageContaining("finish the run first");
            assertThat(verify(db, KEEP, VerifyRequest.EVERY_ROW).differences()).containsEntry(Kind.MISSING, 0L);
        }
    }
}
