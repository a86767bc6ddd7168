package dev.neap.testkit.fill;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** One connection of the application. It measures how long each statement takes, with its waits. For one thread. */
final class Session implements AutoCloseable {
    private final Connection connection;
    private final FillTally tally;

    Session(Connection connection, Words words, FillTally tally) throws SQLException {
        this.connection = connection;
        this.tally = tally;
        for (String sql : words.settings()) {
            execute(sql);
        }
    }

    /**
     * Runs a statement with placeholders; returns how many rows it wrote.
     *
     * @param values parts of keys and single values; a list stands for each of its items
     */
    int write(String sql, Object... values) throws SQLException {
        long began = System.nanoTime();
        try (PreparedStatement statement = prepare(sql, values)) {
            return statement.executeUpdate();
        } finally {
            tally.took(System.nanoTime() - began);
        }
    }

    /** The one number that a query answers. */
    int number(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    /** All rows of a query, each column as text. */
    List<List<String>> rows(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            int columns = row.getMetaData().getColumnCount();
            List<List<String>> rows = new ArrayList<>();
            while (row.next()) {
                List<String> one = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    one.add(String.valueOf(row.getString(i)));
                }
                rows.add(one);
            }
            return rows;
        }
    }

    void execute(String sql) throws SQLException {
        long began = System.nanoTime();
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } finally {
            tally.took(System.nanoTime() - began);
        }
    }

    private PreparedStatement prepare(String sql, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        int place = 1;
        for (Object value : values) {
            if (value instanceof List<?> parts) {
                for (Object part : parts) {
                    statement.setObject(place++, part);
                }
            } else {
                statement.setObject(place++, value);
            }
        }
        return statement;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
