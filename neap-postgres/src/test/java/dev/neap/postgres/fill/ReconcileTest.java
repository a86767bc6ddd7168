package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

/** What the application does between two statements of a reconciliation. */
class ReconcileTest {
    private static final String FILL = "fill: { into: doubled, from: single, set: { id: id, n: n * 2 } }\n";
    private static final FillNames NAMES = new FillNames(1, 1);
    private static final long GRACE_MS = 1_000;

    @Test
    void a_row_that_the_application_gives_another_key_meanwhile_is_not_put_back() throws Exception {
        try (FillDatabase db = tables("doubled (id int PRIMARY KEY, n int)");
                Connection connection = db.connect();
                Statement s = connection.createStatement()) {
            ReconcileSql sql = captured(db, connection, FILL);
            db.execute("INSERT INTO doubled VALUES (1, 20)");
            s.execute(changed("I", true, "1 minute"));
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);

            assertThat(s.executeUpdate(sql.deleteGone())).isZero();
            assertThat(s.executeUpdate(sql.writeMissing(GRACE_MS))).isZero();
            db.execute("UPDATE doubled SET id = 2; UPDATE single SET id = 2");
            write(s, sql.writeAgain(GRACE_MS));
            connection.commit();

            assertThat(keys(s)).isEqualTo("{2}");
        }
    }

    @Test
    void a_row_that_becomes_several_and_changes_again_after_it_was_picked_is_let_go() throws Exception {
        try (FillDatabase db = tables("several (id int, m int, PRIMARY KEY (id, m))");
                Connection connection = db.connect();
                Statement s = connection.createStatement()) {
            ReconcileSql sql = captured(
                    db,
                    connection,
                    "fill: { into: several, from: single, set: { id: id, m: 'generate_series(1, n)' } }\n");
            s.execute(changed("U", true, "2 seconds"));
            s.execute(changed("U", false, "0 seconds"));

            assertThat(sql.unpickUnsettled(GRACE_MS)).singleElement().satisfies(unpick -> {
                assertThat(s.executeUpdate(unpick)).isOne();
                s.execute("UPDATE " + NAMES.changes() + " SET picked = true");
                s.execute(changed("U", true, "1 minute"));
                assertThat(s.executeUpdate(unpick))
                        .as("changed long ago, and again just now: the run may have waited meanwhile")
                        .isEqualTo(3);
                s.execute("UPDATE " + NAMES.changes() + " SET picked = true");
                s.execute(changed("U", true, "1100 milliseconds"));
                s.execute(changed("U", true, "2100 milliseconds"));
                s.execute(changed("U", true, "3100 milliseconds"));
                assertThat(s.executeUpdate(unpick))
                        .as("changed again and again")
                        .isZero();
            });
        }
    }

    @Test
    void what_is_missing_when_all_is_walked_is_put_in_when_it_is_still_missing_a_second_write_later() throws Exception {
        try (FillDatabase db = tables("doubled (id int PRIMARY KEY, n int)");
                Connection connection = db.connect();
                Statement s = connection.createStatement()) {
            ReconcileSql sql = captured(db, connection, FILL);
            s.execute(changed("U", true, "1 minute"));

            db.execute("UPDATE neap.fill SET whole = true");
            assertThat(s.executeUpdate(sql.waitWhileMissing()))
                    .as("while every row is looked at")
                    .isZero();
            db.execute("UPDATE neap.fill SET whole = false");
            assertThat(s.executeUpdate(sql.waitWhileMissing())).isOne();
            assertThat(s.executeUpdate(sql.writeMissing(GRACE_MS))).isZero();
            assertThat(s.executeUpdate(sql.waitWhileMissingNoLonger())).isZero();
            assertThat(s.executeUpdate(sql.pick(10, GRACE_MS))).isZero();
            assertThat(FillSession.truth(s, sql.anyWaits())).isTrue();

            s.execute("UPDATE " + NAMES.changes() + " SET at = at - interval '1 minute'");
            assertThat(s.executeUpdate(sql.pick(10, GRACE_MS))).isOne();
            assertThat(s.executeUpdate(sql.waitWhileMissing())).isZero();
            assertThat(s.executeUpdate(sql.writeMissing(GRACE_MS))).isOne();
        }
    }

    @Test
    void what_is_not_missing_any_more_is_reconciled_at_once() throws Exception {
        try (FillDatabase db = tables("doubled (id int PRIMARY KEY, n int)");
                Connection connection = db.connect();
                Statement s = connection.createStatement()) {
            ReconcileSql sql = captured(db, connection, FILL);
            s.execute(changed("S", false, "0 seconds"));
            s.execute(changed("I", false, "0 seconds"));
            db.execute("INSERT INTO doubled VALUES (1, 20)");

            assertThat(s.executeUpdate(sql.waitWhileMissingNoLonger())).isOne();
            assertThat(FillSession.truth(s, sql.anyWaits())).isFalse();
            assertThat(s.executeUpdate(sql.pick(10, GRACE_MS))).isOne();
        }
    }

    private static FillDatabase tables(String target) throws SQLException {
        FillDatabase db = FillDatabase.create();
        db.execute(
                "CREATE SCHEMA neap",
                "CREATE TABLE neap.batch (run_id bigint, part int, xid xid, at timestamptz)",
                "CREATE TABLE neap.fill (run_id bigint, part int, whole boolean)",
                "INSERT INTO neap.fill VALUES (1, 1, false)",
                "CREATE TABLE single (id int PRIMARY KEY, n int)",
                "CREATE TABLE " + target,
                "INSERT INTO single VALUES (1, 10)");
        return db;
    }

    @Test
    void a_row_that_failed_an_assertion_before_a_change_was_never_written() throws Exception {
        try (FillDatabase db = tables("doubled (id int PRIMARY KEY, n int)");
                Connection connection = db.connect()) {
            db.execute("CREATE FUNCTION twice(n int) RETURNS int LANGUAGE plpgsql"
                    + " AS $$ BEGIN ASSERT n > 0; RETURN n * 2; END $$");
            captured(db, connection, FILL.replace("n * 2", "twice(n)"));

            String made = "SELECT count(*) FROM " + NAMES.was() + "('{\"id\": 1, \"n\": %d}')";
            assertThat(db.number(made.formatted(1))).isOne();
            assertThat(db.number(made.formatted(0))).isZero();
        }
    }

    private static ReconcileSql captured(FillDatabase db, Connection connection, String fill) throws Exception {
        FillTables tables = FillTables.read(connection, db.backfill(fill).fill());
        ReconcileSql sql = new ReconcileSql(tables, NAMES);
        try (Statement s = connection.createStatement()) {
            for (String create : new FillCapture(tables, NAMES).tables(connection)) {
                s.execute(create);
            }
            s.execute(sql.wasFunction());
        }
        return sql;
    }

    private static String changed(String op, boolean picked, String ago) {
        return "INSERT INTO " + NAMES.changes() + " (op, picked, at, " + FillNames.KEY_PREFIX + "0) VALUES ('" + op
                + "', " + picked + ", clock_timestamp() - interval '" + ago + "', 1)";
    }

    /** A refusal is as good: the round is tried again, and reads the row as it is by then. */
    private static void write(Statement s, String again) throws SQLException {
        try {
            s.executeUpdate(again);
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("40001");
        }
    }

    private static String keys(Statement s) throws SQLException {
        try (ResultSet rs = s.executeQuery("SELECT array_agg(id ORDER BY id)::text FROM doubled")) {
            rs.next();
            return rs.getString(1);
        }
    }
}
