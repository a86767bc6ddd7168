package dev.neap.mysql.query;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Statements that are sent as they are, with neither `?` nor `{…}` read by the driver: they may hold the user's SQL. */
public final class Query {
    private Query() {}

    /** Makes a value of the row that the result set stands at. */
    @FunctionalInterface
    public interface Mapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    /** All rows. */
    public static <T> List<T> list(Connection connection, String sql, Mapper<T> mapper) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet rows = statement.executeQuery(sql)) {
                List<T> all = new ArrayList<>();
                while (rows.next()) {
                    all.add(mapper.map(rows));
                }
                return all;
            }
        }
    }

    /** The first row, if there is one. */
    public static <T> Optional<T> first(Connection connection, String sql, Mapper<T> mapper) throws SQLException {
        return list(connection, sql, mapper).stream().findFirst();
    }

    /** The first column of every row, as text. */
    public static List<String> texts(Connection connection, String sql) throws SQLException {
        return list(connection, sql, row -> row.getString(1));
    }

    /** The only value, as a number; there must be a row. */
    public static long number(Connection connection, String sql) throws SQLException {
        return list(connection, sql, row -> row.getLong(1)).get(0);
    }

    /** The only value, as a truth; there must be a row. */
    public static boolean truth(Connection connection, String sql) throws SQLException {
        return list(connection, sql, row -> row.getBoolean(1)).get(0);
    }

    /** Runs a statement; returns how many rows it wrote, 0 where it writes none. */
    public static long execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            return statement.execute(sql) ? 0 : Math.max(0, statement.getLargeUpdateCount());
        }
    }
}
