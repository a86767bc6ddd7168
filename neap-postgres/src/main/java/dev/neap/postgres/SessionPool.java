package dev.neap.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Sessions of one kind that units take one after another: a new session reads the catalog from nothing, which takes longer
 * than a swap. Opens none before one is wanted. Safe for many threads, the sessions are not.
 */
final class SessionPool implements AutoCloseable {
    /** More than a run ever uses at once; what is wanted beyond waits, and fails after a time. */
    private static final int MOST = 64;

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    /** What a session remembers of each table that it has seen stays in the server's memory until it ends. */
    private static final Duration OLDEST = Duration.ofMinutes(2);

    private final HikariDataSource pool;

    SessionPool(Sessions sessions, Sessions.Kind kind) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("neap " + kind);
        config.setJdbcUrl(sessions.url());
        config.setDataSourceProperties(sessions.properties(kind, "neap"));
        config.setConnectionInitSql(Sessions.settings(kind));
        config.setMaximumPoolSize(MOST);
        config.setMinimumIdle(0);
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(LONGEST_WAIT.toMillis());
        config.setIdleTimeout(Duration.ofSeconds(30).toMillis());
        config.setMaxLifetime(OLDEST.toMillis());
        // Its own would outlive them, of which it warns in an application's log.
        config.setKeepaliveTime(0);
        config.setThreadFactory(task -> {
            Thread thread = new Thread(task, "neap sessions");
            thread.setDaemon(true);
            return thread;
        });
        this.pool = new HikariDataSource(config);
    }

    /** A session under a name that the server shows; closing it gives it back. */
    Connection take(String name) throws SQLException {
        Connection connection = pool.getConnection();
        try {
            connection.setClientInfo("ApplicationName", name);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
