package dev.neap.mysql;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Secret;
import dev.neap.mysql.query.Query;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** Opens sessions with the settings that Neap relies on. Safe for many threads. */
final class Sessions {
    /** What a session is for decides how long it may wait and take. */
    enum Kind {
        /** Short statements on the control tables. */
        CONTROL(10, 30),
        /** Batches: beside an application no row lock is waited for, so that no deadlock can ever come of it. */
        WORK(0, 10),
        /** One look of a signal. */
        SIGNAL(0, 2),
        /** Plans: reads only. */
        PLAN(1, 120);

        private final int rowLockSeconds;
        private final int statementSeconds;

        Kind(int rowLockSeconds, int statementSeconds) {
            this.rowLockSeconds = rowLockSeconds;
            this.statementSeconds = statementSeconds;
        }
    }

    private final ConnectionTarget target;

    Sessions(ConnectionTarget target) {
        this.target = target;
    }

    Connection open(Kind kind) throws SQLException {
        Connection connection = DriverManager.getConnection(url(), properties());
        try {
            Query.execute(connection, settings(kind));
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    String url() {
        return "jdbc:mariadb://" + target.host() + ":" + target.port() + "/" + target.database();
    }

    /** With the password: never to be shown. */
    Properties properties() {
        Properties p = new Properties();
        target.options().forEach(p::setProperty);
        p.setProperty("user", target.user());
        Secret password = target.password();
        if (password != null) {
            p.setProperty("password", password.reveal());
        }
        p.putIfAbsent("connectTimeout", "10000");
        p.setProperty("tcpKeepAlive", "true");
        p.setProperty("socketTimeout", "180000");
        // Moments of the control tables are in UTC, and the driver must know.
        p.setProperty("connectionTimeZone", "UTC");
        p.setProperty("forceConnectionTimeZoneToSession", "true");
        return p;
    }

    /**
     * Strict, so that no value is cut in silence; 0 is a key like any other; and an UPDATE's expressions all see the row as
     * it was. What the server's own settings may switch off or limit is as it is by default: its limits are for people, and
     * a row that a constraint refuses is set aside. A frozen process loses its transaction, and with it its locks, after a minute.
     */
    static String settings(Kind kind) {
        return """
                SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,\
                NO_AUTO_VALUE_ON_ZERO,SIMULTANEOUS_ASSIGNMENT',
                SESSION time_zone = '+00:00',
                SESSION tx_isolation = 'READ-COMMITTED',
                SESSION tx_read_only = 0,
                SESSION completion_type = 0,
                SESSION foreign_key_checks = 1,
                SESSION unique_checks = 1,
                SESSION check_constraint_checks = 1,
                SESSION sql_safe_updates = 0,
                SESSION sql_select_limit = 18446744073709551615,
                SESSION sql_big_selects = 1,
                SESSION wait_timeout = 28800,
                SESSION lock_wait_timeout = 1,
                SESSION innodb_lock_wait_timeout = %d,
                SESSION max_statement_time = %d,
                SESSION idle_transaction_timeout = 60""".formatted(kind.rowLockSeconds, kind.statementSeconds);
    }
}
