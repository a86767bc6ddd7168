package dev.neap.postgres.rehearse;

import dev.neap.backfill.TableName;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Columns of the tables that a recompute reads whose values may be exchanged between rows, and it still yields rows that
 * the rebuilt table takes. Nothing in the catalog says so; it is tried, with all values of a column in another order, and
 * rolled back.
 */
final class Exchanges {
    /** More are not tried: each costs a recompute of all partitions. */
    private static final int MOST = 8;

    private static final String YIELD = Account.SCHEMA + ".yield";
    private static final Pattern WORD = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$]*");

    private final Connection connection;
    private final Account account;
    private final SourceAccount sources;

    /** A column of a table that is read. */
    record Column(TableName table, String name) {}

    private Exchanges(Connection connection, Account account, SourceAccount sources) {
        this.connection = connection;
        this.account = account;
        this.sources = sources;
    }

    /**
     * Tries them; nothing stays of it.
     *
     * @param connection in autocommit
     * @throws SQLException when the recompute fails with the rows as they are
     */
    static List<Column> tried(Connection connection, Account account, SourceAccount sources) throws SQLException {
        connection.setAutoCommit(false);
        try {
            return new Exchanges(connection, account, sources).all();
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private List<Column> all() throws SQLException {
        PlainSql.execute(
                connection,
                "CREATE TABLE " + YIELD + " (LIKE " + account.name()
                        + " INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING GENERATED)");
        for (String key : Query.of(connection, """
                        SELECT pg_get_constraintdef(oid) FROM pg_constraint
                        WHERE conrelid = ?::oid AND contype = 'f' AND conparentid = 0
                        """, account.table().oid()).texts()) {
            PlainSql.execute(connection, "ALTER TABLE " + YIELD + " ADD " + key);
        }
        recompute();
        PlainSql.execute(connection, "SELECT setseed(0.5)");
        List<Column> free = new ArrayList<>();
        for (Column column : candidates()) {
            PlainSql.execute(connection, "SAVEPOINT tried");
            try {
                PlainSql.execute(connection, reorder(column));
                recompute();
                free.add(column);
                PlainSql.execute(connection, "RELEASE SAVEPOINT tried");
            } catch (SQLException e) {
                // The table does not take what came of it.
                PlainSql.execute(connection, "ROLLBACK TO SAVEPOINT tried");
            }
        }
        return free;
    }

    private void recompute() throws SQLException {
        PlainSql.execute(connection, "DELETE FROM " + YIELD);
        for (String sql : sources.fill(YIELD)) {
            PlainSql.execute(connection, sql);
        }
    }

    /** Columns that the recompute may name and that no unique index holds. */
    private List<Column> candidates() throws SQLException {
        Set<String> words = new HashSet<>();
        Matcher word = WORD.matcher(sources.source().sql());
        while (word.find()) {
            words.add(word.group());
            words.add(word.group().toLowerCase(Locale.ROOT));
        }
        List<Column> columns = new ArrayList<>();
        for (TableName table : sources.source().reads()) {
            Query.of(connection, """
                            SELECT a.attname FROM pg_attribute a
                            WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                              AND NOT EXISTS (SELECT FROM pg_index x WHERE x.indrelid = a.attrelid
                                              AND (x.indisunique OR x.indisexclusion) AND a.attnum = ANY (x.indkey))
                            ORDER BY a.attnum
                            """, Names.quote(table)).texts().stream()
                    .filter(words::contains)
                    .forEach(name -> columns.add(new Column(table, name)));
        }
        return columns.subList(0, Math.min(MOST, columns.size()));
    }

    private static String reorder(Column column) {
        String table = Names.quote(column.table);
        String name = Names.quote(column.name);
        return "WITH shuffled AS (SELECT ctid AS place, " + name
                + " AS value, row_number() OVER (ORDER BY random()) AS n,"
                + " count(*) OVER () AS rows FROM " + table + ") UPDATE " + table + " AS t SET " + name
                + " = other.value FROM shuffled JOIN shuffled AS other ON other.n = shuffled.n % shuffled.rows + 1"
                + " WHERE t.ctid = shuffled.place";
    }
}
