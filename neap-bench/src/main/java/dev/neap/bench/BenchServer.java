package dev.neap.bench;

import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** The server that is measured on: durable, and the same for every contender. */
public final class BenchServer {
    /** The table as it was at first; copied for each measurement. */
    public static final String BASE = "base";

    /** Those that are not the server's own. */
    public static final Map<String, String> SETTINGS = Map.of(
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
        return start(major, Map.of());
    }

    /** Starts one, with more settings than {@link #SETTINGS}; to be closed. */
    public static PostgresServer start(int major, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.putAll(more);
        return PostgresServer.start(major, settings);
    }

    static void makeBase(PostgresServer server, EventTable table) {
        server.createDatabase(BASE);
        server.execute(BASE, table.create().toArray(String[]::new));
    }

    /** A fresh copy, with nothing left to be written of what came before. */
    public static void copyBase(PostgresServer server, String database) {
        // From 15 on the default is to log each page; a copy of the files is what 14 did.
        String strategy = server.major() >= 15 ? " STRATEGY file_copy" : "";
        server.execute(
                PostgresServer.ADMIN,
                "DROP DATABASE IF EXISTS " + database + " WITH (FORCE)",
                "CREATE DATABASE " + database + " TEMPLATE " + BASE + strategy,
                "CHECKPOINT");
    }

    /** Its sessions go with it. */
    public static void drop(PostgresServer server, String database) {
        server.execute(PostgresServer.ADMIN, "DROP DATABASE " + database + " WITH (FORCE)");
    }

    /** The first value that a query yields. */
    public static String one(PostgresServer server, String database, String query) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    /**
     * Fails where a query does not yield true.
     *
     * @throws IllegalStateException with the query
     */
    public static void mustBeTrue(PostgresServer server, String database, String query) throws SQLException {
        if (!"t".equals(one(server, database, query))) {
            throw new IllegalStateException("not true: " + query);
        }
    }
}
