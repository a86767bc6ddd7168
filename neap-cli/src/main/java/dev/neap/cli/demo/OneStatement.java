package dev.neap.cli.demo;

import dev.neap.cli.server.OwnServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One UPDATE over all rows. */
final class OneStatement implements Way {
    private static final int ATTEMPTS = 4;
    private static final String UPDATE =
            "UPDATE bank.entry SET amount = amount * 100, unit = 'cent' WHERE unit = 'euro'";

    private final OwnServer server;

    OneStatement(OwnServer server) {
        this.server = server;
    }

    @Override
    public String name() {
        return "one UPDATE";
    }

    @Override
    public String how() {
        return "UPDATE … of every row, one statement, one transaction";
    }

    @Override
    public Outcome rebuild(String database, Application application) throws SQLException {
        List<String> remarks = new ArrayList<>();
        long start = System.nanoTime();
        int attempt = 1;
        while (true) {
            // Otherwise it might never end: it fails whenever a row that it has still to reach was moved meanwhile.
            application.moveRows(attempt < ATTEMPTS);
            try (Connection connection = DriverManager.getConnection(server.url(database));
                    Statement statement = connection.createStatement()) {
                statement.executeUpdate(UPDATE);
                break;
            } catch (SQLException e) {
                if (attempt == ATTEMPTS || !List.of("40001", "40P01").contains(e.getSQLState())) {
                    throw e;
                }
                attempt++;
                if (attempt == 2) {
                    remarks.add("failed and was rolled back: " + Client.firstLine(e));
                }
            }
        }
        if (attempt > 1) {
            remarks.add("it took " + attempt + " attempts"
                    + (attempt == ATTEMPTS
                            ? "; for the last the application stopped moving rows between partitions, to let it end"
                            : ""));
        }
        return new Outcome(Duration.ofNanos(System.nanoTime() - start), remarks);
    }
}
