package dev.neap.postgres.planning;

import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Statements that hold the user's SQL: sent as they are, with neither `?` nor `{…}` read by the driver. */
public final class PlainSql {
    private PlainSql() {}

    public static <T> List<T> list(Connection connection, String sql, Query.Mapper<T> mapper) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            List<T> all = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    all.add(mapper.map(rows));
                }
            }
            return all;
        }
    }

    public static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    /** What the server said, without the driver's decoration. */
    public static String message(SQLException e) {
        ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        String message = server == null ? null : server.getMessage();
        return message == null ? String.valueOf(e.getMessage()) : message;
    }

    /** What the server advises; empty when it advises nothing. */
    static String hint(SQLException e) {
        ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        String hint = server == null ? null : server.getHint();
        return hint == null ? "" : hint;
    }
}
