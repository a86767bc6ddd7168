package dev.neap.postgres;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Secret;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** Opens sessions with the settings that Neap relies on. Safe for many threads. */
final class Sessions {
    /** What a session is for decides how it talks. */
    enum Kind {
        /** Short statements: an answer that does not come within 30 s means that the connection is lost. */
        CONTROL,
        /** Long statements, such as an index build. */
        WORK,
        /** The swap: a script goes out as one message, so that no client can freeze between two of its statements. */
        SWAP
    }

    private static final String DENIED = "42501";

    private final ConnectionTarget target;

    Sessions(ConnectionTarget target) {
        this.target = target;
    }

    Connection open(Kind kind, String name) throws SQLException {
        Connection connection = login(kind, name);
        try (Statement s = connection.createStatement()) {
            s.execute(settings(kind));
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    private Connection login(Kind kind, String name) throws SQLException {
        try {
            return DriverManager.getConnection(url(), properties(kind, name));
        } catch (SQLException e) {
            // Without CONNECT on the database it is the SQLState of any privilege that is missing.
            throw DENIED.equals(e.getSQLState()) ? new SQLException(e.getMessage(), SqlFailures.LOGIN, e) : e;
        }
    }

    String url() {
        return "jdbc:postgresql://" + target.host() + ":" + target.port() + "/" + encoded(target.database());
    }

    /** With the password: never to be shown. */
    Properties properties(Kind kind, String name) {
        Properties p = new Properties();
        target.options().forEach(p::setProperty);
        p.setProperty("user", target.user());
        Secret password = target.password();
        if (password != null) {
            p.setProperty("password", password.reveal());
        }
        p.setProperty("ApplicationName", name);
        p.setProperty("tcpKeepAlive", "true");
        p.setProperty("connectTimeout", "10");
        p.setProperty("loginTimeout", "15");
        // Server-prepared plans would outlive the tables that they were made for.
        p.setProperty("prepareThreshold", "0");
        if (kind == Kind.CONTROL) {
            p.setProperty("socketTimeout", "30");
        }
        if (kind == Kind.SWAP) {
            p.setProperty("preferQueryMode", "simple");
        }
        return p;
    }

    /** Local commits: a standby that lags must not make a commit hold locks; what it gets, it gets in order. */
    static String settings(Kind kind) {
        return """
                SET TimeZone = 'UTC';
                SET DateStyle = 'ISO, YMD';
                SET IntervalStyle = 'postgres';
                SET extra_float_digits = 1;
                SET client_min_messages = 'warning';
                SET default_transaction_isolation = 'read committed';
                SET row_security = off;
                SET synchronous_commit = local;
                SET jit = off;
                SET lock_timeout = '2s';
                SET idle_in_transaction_session_timeout = '60s';
                SET tcp_keepalives_idle = 10;
                SET tcp_keepalives_interval = 5;
                SET tcp_keepalives_count = 3;
                SET statement_timeout = %s""".formatted(kind == Kind.CONTROL ? "'30s'" : "0");
    }

    private static String encoded(String database) {
        return java.net.URLEncoder.encode(database, java.nio.charset.StandardCharsets.UTF_8)
                .replace("+", "%20");
    }
}
