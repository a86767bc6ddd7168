package dev.neap.bench;

import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** The server that is measured on: durable, and the same for every contender. */
final class BenchServer {
    /** The table as it was at first; copied for each measurement. */
    static final String BASE = "base";

    static final Map<String, String> SETTINGS = Map.of(
            "fsync", "on",
            "synchronous_commit", "on",
            "full_page_writes", "on",
            "shared_buffers", "512MB",
            "maintenance_work_mem", "256MB",
            "max_wal_size", "4GB",
            "checkpoint_timeout", "15min",
            "autovacuum", "on");

    private BenchServer() {}

    static PostgresServer start(int major) {
        return PostgresServer.start(major, SETTINGS);
    }

    static void makeBase(PostgresServer server, EventTable table) {
        server.createDatabase(BASE);
        server.execute(BASE, table.create().toArray(String[]::new));
    }

    /** A fresh copy, with nothing left to be written of what came before. */
    static void copyBase(PostgresServer server, String database) {
        // From 15 on the default is to log each page; a copy of the files is what 14 did.
        String strategy = server.major() >= 15 ? " STRATEGY file_copy" : "";
        server.execute(
                PostgresServer.ADMIN,
                "DROP DATABASE IF EXISTS " + database + " WITH (FORCE)",
                "CREATE DATABASE " + database + " TEMPLATE " + BASE + strategy,
                "CHECKPOINT");
    }

    static void drop(PostgresServer server, String database) {
        server.execute(PostgresServer.ADMIN, "DROP DATABASE " + database + " WITH (FORCE)");
    }

    static String one(PostgresServer server, String database, String query) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    static void mustBeTrue(PostgresServer server, String database, String query) throws SQLException {
        if (!"t".equals(one(server, database, query))) {
            throw new IllegalStateException("not true: " + query);
        }
    }
}
