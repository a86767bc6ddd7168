package dev.neap.postgres.fill;

import dev.neap.dialect.NeapException;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A session and its transactions. User's SQL is sent as it is: neither `?` nor `{…}` is read by the driver. */
final class FillSession {
    /** A batch that takes this long holds rows for too long; it is cut and tried again. */
    static final long MOST_MS = 10_000;

    /** Classes of SQLState that say that a row's data is at fault. */
    private static final Set<String> DATA = Set.of("21", "22", "23", "44", "P0");

    private static final String FOREIGN_KEY = "23503";

    /** The server ends each statement long before: whoever says nothing for so long is not there any more. */
    private static final int MOST_SILENT_MS = 60_000;

    private final Connection connection;
    private final long lockMs;

    /** @param lockMs how long one lock may be waited for, in milliseconds: less than the server's deadlock_timeout */
    FillSession(Connection connection, long lockMs) throws SQLException {
        connection.setNetworkTimeout(Runnable::run, MOST_SILENT_MS);
        this.connection = connection;
        this.lockMs = lockMs;
    }

    /** Work inside one transaction. */
    @FunctionalInterface
    interface Work<T> {
        T run(Statement s) throws SQLException;
    }

    Connection connection() {
        return connection;
    }

    /** Runs and commits; rolls back on any failure. */
    <T> T in(String isolation, Work<T> work) {
        try {
            connection.setAutoCommit(false);
            try (Statement s = connection.createStatement()) {
                s.setEscapeProcessing(false);
                s.execute("SET TRANSACTION ISOLATION LEVEL " + isolation + "; SET LOCAL lock_timeout = " + lockMs
                        + "; SET LOCAL statement_timeout = " + MOST_MS);
                T result = work.run(s);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                rollback(e);
                throw e;
            } finally {
                if (!connection.isClosed()) {
                    connection.setAutoCommit(true);
                }
            }
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    /** From now on what is executed outside a transaction only reads, under the same limits. */
    void onlyReads() throws SQLException {
        PlainSql.execute(
                connection,
                "SET default_transaction_read_only = on; SET lock_timeout = " + lockMs + "; SET statement_timeout = "
                        + MOST_MS);
    }

    /** One statement, in a transaction of its own that nothing need be sent for: on a long line that is what takes time. */
    <T> T alone(Work<T> work) {
        try (Statement s = connection.createStatement()) {
            s.setEscapeProcessing(false);
            return work.run(s);
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    private void rollback(Exception e) {
        try {
            connection.rollback();
        } catch (SQLException lost) {
            e.addSuppressed(lost);
        }
    }

    /** Why the data is at fault, in words; empty when something else is. */
    static String bad(NeapException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql && SqlFailures.state(sql).length() == 5) {
                return DATA.contains(SqlFailures.state(sql).substring(0, 2)) ? String.valueOf(e.getMessage()) : "";
            }
        }
        return "";
    }

    /** Whether a row was refused for want of one that it references, or because of one that references it. */
    static boolean orphan(NeapException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql && SqlFailures.state(sql).equals(FOREIGN_KEY)) {
                return true;
            }
        }
        return false;
    }

    /** The only number of a query. */
    static long number(Statement s, String query) throws SQLException {
        try (ResultSet rs = s.executeQuery(query)) {
            rs.next();
            return rs.getLong(1);
        }
    }

    static boolean truth(Statement s, String query) throws SQLException {
        try (ResultSet rs = s.executeQuery(query)) {
            rs.next();
            return rs.getBoolean(1);
        }
    }

    /** The first columns of the row that the result set stands at, as text. */
    static List<String> texts(ResultSet rs, int columns) throws SQLException {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
            values.add(rs.getString(i));
        }
        return values;
    }

    /** An array column of the row that the result set stands at; null where it is null. */
    static @Nullable List<String> array(ResultSet rs, int column) throws SQLException {
        java.sql.Array array = rs.getArray(column);
        return array == null ? null : List.of((String[]) array.getArray());
    }

    /** A key as an array literal for SQL. */
    static String arrayLiteral(@Nullable List<String> key) {
        return key == null
                ? "NULL::text[]"
                : "ARRAY["
                        + String.join(
                                ", ",
                                key.stream()
                                        .map(dev.neap.postgres.query.Names::literal)
                                        .toList())
                        + "]::text[]";
    }
}
