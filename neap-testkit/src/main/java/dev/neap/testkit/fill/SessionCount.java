package dev.neap.testkit.fill;

import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** How many sessions a run has at once, counted between its batches on a session that was there before. */
final class SessionCount implements Probe {
    private final Connection connection;
    private final String query;
    private int most;

    SessionCount(Connection connection, Words words) {
        this.connection = connection;
        this.query = words.sessions();
    }

    @Override
    public synchronized void at(Point point) {
        if (point == Point.AFTER_FILL_BATCH) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(query)) {
                row.next();
                most = Math.max(most, row.getInt(1));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    synchronized int most() {
        return most;
    }
}
