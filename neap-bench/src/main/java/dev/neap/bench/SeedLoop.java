package dev.neap.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/**
 * The loop that is found in many guides, without its sleeps: 500 ids at a time whether they exist or not, read, and
 * inserted one row at a time. It closes no race.
 */
final class SeedLoop {
    static final String INSERT =
            "INSERT INTO users (id, first_name, last_name, email) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
    private static final int BATCH = 500;

    private SeedLoop() {}

    static void run(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        long last = last(connection);
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT id, full_name, email FROM users_legacy WHERE id BETWEEN ? AND ? ORDER BY id ASC");
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (long start = 1; start <= last; start += BATCH) {
                select.setLong(1, start);
                select.setLong(2, start + BATCH - 1);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        String name = rows.getString(2);
                        int blank = name.indexOf(' ');
                        insert.setLong(1, rows.getLong(1));
                        insert.setString(2, name.substring(0, blank));
                        insert.setString(3, name.substring(blank + 1));
                        insert.setString(4, rows.getString(3).toLowerCase(Locale.ROOT));
                        insert.executeUpdate();
                    }
                }
                connection.commit();
            }
        }
    }

    private static long last(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT max(id) FROM users_legacy")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
