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
    private static final long GRACE_MS = 1_000;

    @Test
    void a_row_that_the_application_gives_another_key_meanwhile_is_not_put_back() throws Exception {
        try (FillDatabase db = FillDatabase.create();
                Connection connection = db.connect();
                Statement s = connection.createStatement()) {
            db.execute(
                    "CREATE SCHEMA neap",
                    "CREATE TABLE neap.batch (run_id bigint, part int, xid xid, at timestamptz)",
                    "CREATE TABLE single (id int PRIMARY KEY, n int)",
                    "CREATE TABLE doubled (id int PRIMARY KEY, n int)",
                    "INSERT INTO single VALUES (1, 10)",
                    "INSERT INTO doubled VALUES (1, 20)");
            FillTables tables = FillTables.read(connection, db.backfill(FILL).fill());
            FillNames names = new FillNames(1, 1);
            ReconcileSql sql = new ReconcileSql(tables, names);
            for (String create : new FillCapture(tables, names).tables()) {
                s.execute(create);
            }
            s.execute(sql.wasFunction());
            s.execute("INSERT INTO " + names.changes() + " (op, picked, at, " + FillNames.KEY_PREFIX
                    + "0) VALUES ('I', true, clock_timestamp() - interval '1 minute', 1)");
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
