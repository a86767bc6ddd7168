package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Triggers stand in for the application where one of two filled tables references the other. */
class DualWriteTablesTest {
    private static final String BOTH = """
            fill:
              - from: old
                into: card
                set: { id: id, name: name, left: 12 / spare }
                dual_write: trigger
              - from: old
                into: person
                set: { id: id, name: name }
                dual_write: trigger
            """;

    private FillDatabase db;

    @BeforeEach
    void create() throws SQLException {
        db = FillDatabase.create();
        db.execute(
                "CREATE TABLE old (id int PRIMARY KEY, name text NOT NULL, spare int NOT NULL DEFAULT 1)",
                "CREATE TABLE person (id int PRIMARY KEY, name text)",
                "CREATE TABLE card (id int PRIMARY KEY REFERENCES person ON DELETE CASCADE ON UPDATE CASCADE, name text,"
                        + " \"left\" int)",
                "INSERT INTO old SELECT n, 'Ada ' || n FROM generate_series(1, 100) n");
    }

    @AfterEach
    void drop() throws SQLException {
        db.close();
    }

    @Test
    void what_a_trigger_could_not_carry_over_once_its_own_table_was_filled_is_mended_at_the_end() throws Exception {
        try (Snapshot application = new Snapshot()) {
            RunResult result = db.run(db.backfill(BOTH), 1, application);

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(application.missed).isEqualTo("{7} {8} {80000}");
        }
        assertThat(ids("person")).isEqualTo(ids("old"));
        assertThat(ids("card")).isEqualTo(ids("old")).contains(",80000").doesNotContain(",7,");
        assertThat(db.text("SELECT name FROM card WHERE id = 80000")).isEqualTo("Bob");
        assertThat(db.number("SELECT count(*) FROM neap.quarantine")).isZero();
    }

    @Test
    void what_cannot_be_written_then_either_stays_in_the_quarantine_and_nothing_else_does() throws Exception {
        db.execute("UPDATE old SET spare = 0 WHERE id IN (20, 90)");
        try (Snapshot application = new Snapshot()) {
            RunResult result = db.run(db.backfill(BOTH), 1, application);

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        }
        assertThat(ids("person")).isEqualTo(ids("old"));
        assertThat(db.text("SELECT string_agg(key::text, ' ' ORDER BY key) FROM neap.quarantine"))
                .isEqualTo("{20} {90}");
        assertThat(db.text("SELECT string_agg(id::text, ' ') FROM old WHERE id NOT IN (SELECT id FROM card)"))
                .isEqualTo("20 90");
    }

    private String ids(String table) throws SQLException {
        return db.text("SELECT string_agg(id::text, ',' ORDER BY id) FROM " + table);
    }

    /**
     * An application in REPEATABLE READ: its snapshot is from before the cards, when all persons are there and capture of
     * theirs has ended. Then it takes one row out of the old table and gives another a new key.
     */
    private final class Snapshot implements Probe, AutoCloseable {
        private final Connection connection = db.connect();
        private final Statement s = connection.createStatement();
        private boolean open;
        private String missed = "";

        Snapshot() throws SQLException {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        }

        @Override
        public void at(Point point) {
            try {
                if (point == Point.AFTER_CAPTURE_ENDS && missed.isEmpty() && !open) {
                    s.execute("SELECT count(*) FROM person");
                    open = true;
                } else if (point == Point.AFTER_FILL_BATCH && open && missed.isEmpty()) {
                    s.execute("DELETE FROM old WHERE id = 7");
                    s.execute("UPDATE old SET id = 80000, name = 'Bob' WHERE id = 8");
                    connection.commit();
                    missed = db.text("SELECT string_agg(key::text, ' ' ORDER BY key) FROM neap.quarantine WHERE missed"
                            + " AND part = 1");
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
