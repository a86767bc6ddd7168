package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Changes that have piled up, as they do while a signal says wait. */
class BacklogTest {
    private static final String FILL = "fill: { into: doubled, from: single, set: { id: id, n: n * 2 } }\n";
    /** Reading all of the changes below is some 800. */
    private static final long FEW_PAGES = 150;

    private static final Pattern PAGES = Pattern.compile("\"Shared (?:Hit|Read) Blocks\": (\\d+)");

    @Test
    void a_round_of_catching_up_reads_few_pages_however_many_changes_wait() throws Exception {
        try (FillDatabase db = FillDatabase.create();
                Connection connection = db.connect();
                Statement s = connection.createStatement()) {
            db.execute(
                    "CREATE SCHEMA neap",
                    "CREATE TABLE single (id int PRIMARY KEY, n int)",
                    "CREATE TABLE doubled (id int PRIMARY KEY, n int)");
            FillTables tables = FillTables.read(connection, db.backfill(FILL).fill());
            FillNames names = new FillNames(1, 1);
            FillCapture capture = new FillCapture(tables, names);
            ReconcileSql sql = new ReconcileSql(tables, names);
            for (String create : capture.tables(connection)) {
                s.execute(create);
            }
            s.execute("INSERT INTO " + names.changes() + " (op, was, " + FillNames.KEY_PREFIX
                    + "0) SELECT 'U', row_to_json(row(n)), n FROM generate_series(1, 50000) n");
            connection.setAutoCommit(false);
            s.execute(FillStatements.FEW_KEYS);

            assertThat(pages(s, sql.truncated())).isLessThan(FEW_PAGES);
            assertThat(pages(s, sql.unpick())).isLessThan(FEW_PAGES);
            assertThat(pages(s, sql.pick(5, 1_000))).isLessThan(FEW_PAGES);
            assertThat(pages(s, capture.recorded())).isLessThan(FEW_PAGES);
            assertThat(pages(s, sql.moreThan(5, 1_000))).isLessThan(FEW_PAGES);
            assertThat(pages(s, sql.forget())).isLessThan(FEW_PAGES);
            assertThat(pages(s, "SELECT count(*) FROM " + names.changes())).isGreaterThan(FEW_PAGES);
            assertThat(FillSession.number(s, capture.recorded())).isEqualTo(49_995);
        }
    }

    @Test
    void each_key_is_found_by_an_index_whatever_its_collation() throws Exception {
        try (FillDatabase db = FillDatabase.create();
                Connection connection = db.connect();
                Statement s = connection.createStatement()) {
            db.execute(
                    "CREATE SCHEMA neap",
                    "CREATE TABLE single (id text COLLATE \"C\" PRIMARY KEY, n int)",
                    "CREATE TABLE doubled (id text COLLATE \"C\" PRIMARY KEY, n int)",
                    "INSERT INTO single SELECT n, n FROM generate_series(1, 50000) n");
            FillTables tables = FillTables.read(connection, db.backfill(FILL).fill());
            FillNames names = new FillNames(1, 1);
            for (String create : new FillCapture(tables, names).tables(connection)) {
                s.execute(create);
            }
            s.execute("INSERT INTO " + names.changes() + " (op, picked, " + FillNames.KEY_PREFIX
                    + "0) SELECT 'I', n <= 100, n FROM generate_series(1, 50000) n");
            s.execute("ANALYZE single, doubled, " + names.changes());
            connection.setAutoCommit(false);
            s.execute(FillStatements.FEW_KEYS);

            // A scan of the index of those that wait is some 200 pages, and there are a hundred keys.
            assertThat(pages(s, new ReconcileSql(tables, names).writeMissing(1_000)))
                    .isLessThan(5_000);
            assertThat(FillSession.number(s, "SELECT count(*) FROM doubled")).isEqualTo(100);
        }
    }

    private static long pages(Statement s, String sql) throws SQLException {
        try (ResultSet rs = s.executeQuery("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql)) {
            rs.next();
            // The outermost node counts what is below it, and stands first.
            Matcher found = PAGES.matcher(rs.getString(1));
            long pages = 0;
            for (int i = 0; i < 2 && found.find(); i++) {
                pages += Long.parseLong(found.group(1));
            }
            return pages;
        }
    }
}
