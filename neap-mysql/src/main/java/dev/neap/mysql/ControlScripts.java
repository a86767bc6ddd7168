package dev.neap.mysql;

import dev.neap.mysql.query.Names;
import dev.neap.mysql.query.Query;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The numbered scripts of the database `neap`, applied in order and recorded in `neap.history`. DDL commits by itself here:
 * each statement of a script can be repeated, and a script is recorded when all of them are done.
 */
final class ControlScripts {
    private static final List<String> SCRIPTS =
            List.of("V001__control_tables.sql", "V002__approval.sql", "V003__look_end.sql", "V004__retry.sql");

    private ControlScripts() {}

    static boolean installed(Connection connection) throws SQLException {
        return Query.truth(
                connection,
                "SELECT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = 'neap' AND table_name ="
                        + " 'history')");
    }

    static void install(Connection connection) throws SQLException {
        // One name for every Neap, so that two of them do not install at the same moment.
        if (Query.number(connection, "SELECT coalesce(get_lock('neap install', 20), 0)") != 1) {
            throw new SQLException("another Neap is installing its tables", "HY000", 1205);
        }
        try {
            Query.execute(connection, "CREATE DATABASE IF NOT EXISTS neap CHARACTER SET utf8mb4");
            Query.execute(
                    connection,
                    "CREATE TABLE IF NOT EXISTS neap.history (script varchar(200) NOT NULL PRIMARY KEY,"
                            + " applied_at datetime(6) NOT NULL DEFAULT current_timestamp(6)) ENGINE = InnoDB");
            List<String> applied = Query.texts(connection, "SELECT script FROM neap.history");
            for (String script : SCRIPTS) {
                if (!applied.contains(script)) {
                    apply(connection, script);
                }
            }
        } finally {
            Query.number(connection, "SELECT release_lock('neap install')");
        }
    }

    private static void apply(Connection connection, String script) throws SQLException {
        String sql = text(script)
                .lines()
                .filter(line -> !line.strip().startsWith("--"))
                .collect(Collectors.joining("\n"));
        // A statement ends where a line ends with a semicolon: within one, comments of columns may hold others.
        for (String statement : sql.split(";\\s*(\\n|$)", -1)) {
            if (!statement.isBlank()) {
                Query.execute(connection, statement);
            }
        }
        Query.execute(connection, "INSERT INTO neap.history (script) VALUES (" + Names.literal(script) + ")");
    }

    private static String text(String script) {
        try (InputStream in = ControlScripts.class.getResourceAsStream("/dev/neap/mysql/control/" + script)) {
            if (in == null) {
                throw new IllegalStateException("the script " + script + " is missing from the build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
