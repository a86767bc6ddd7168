package dev.neap.testkit.fill;

import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The two ways that are copied everywhere: one INSERT … SELECT … ON CONFLICT DO NOTHING, and the same in batches along the
 * key. Beside an application that writes in two places they bring deleted rows back and leave stale ones: the checks of
 * this package must see that.
 */
public final class TodaysFills {
    private static final int BATCH = 40;
    /** Makes a statement as slow as a larger table would. */
    private static final String SLOWLY = " AND pg_sleep(0.005) IS NOT NULL";

    private TodaysFills() {}

    /** One statement, as slow as a large table makes it. */
    public static void oneStatement(FillHistory.Setting setting) throws SQLException {
        try (Connection connection = connect(setting);
                Statement statement = connection.createStatement()) {
            // Let the application be the victim: a statement that goes on from the beginning proves nothing.
            statement.execute("SET deadlock_timeout = '1min'");
            statement.execute(setting.statement().of(SLOWLY));
        }
    }

    /** Batches of some rows, each a transaction of its own, as far as the key went when it began. */
    public static void inBatches(FillHistory.Setting setting, String table, String key) throws SQLException {
        try (Connection connection = connect(setting);
                Statement statement = connection.createStatement()) {
            String after = "";
            while (true) {
                String upper = one(
                        statement,
                        "SELECT max(" + key + ")::text FROM (SELECT " + key + " FROM " + table + " WHERE true" + after
                                + " ORDER BY " + key + " LIMIT " + BATCH + ") AS next");
                if (upper.isEmpty()) {
                    return;
                }
                statement.execute(setting.statement()
                        .of(after + " AND " + key + " <= '" + upper + "' AND pg_sleep(0.001) IS NOT NULL"));
                after = " AND " + key + " > '" + upper + "'";
            }
        }
    }

    private static String one(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            String text = row.getString(1);
            return text == null ? "" : text;
        }
    }

    private static Connection connect(FillHistory.Setting setting) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://"
                + setting.target().host() + ":" + setting.target().port() + "/"
                + setting.target().database() + "?user=" + PostgresServer.ADMIN);
    }
}
