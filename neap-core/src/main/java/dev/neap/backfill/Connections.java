package dev.neap.backfill;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds out where a database is and who connects, from a URL and the environment. */
public final class Connections {
    /** PostgreSQL's own names for options, and the driver's. */
    private static final Map<String, String> DRIVER_NAMES = Map.of(
            "connect_timeout", "connectTimeout",
            "application_name", "ApplicationName",
            "channel_binding", "channelBinding",
            "gssencmode", "gssEncMode",
            "sslnegotiation", "sslNegotiation",
            "target_session_attrs", "targetServerType");

    private static final Map<String, String> OPTION_VARIABLES = Map.of(
            "PGSSLMODE", "sslmode",
            "PGSSLROOTCERT", "sslrootcert",
            "PGSSLCERT", "sslcert",
            "PGSSLKEY", "sslkey",
            "PGCONNECT_TIMEOUT", "connectTimeout",
            "PGCHANNELBINDING", "channelBinding",
            "PGOPTIONS", "options");

    private Connections() {}

    /**
     * Resolves a connection as it is written in a backfill file or on a command line. What the URL does not say comes from
     * the PG* variables, then from `~/.pgpass`, then from PostgreSQL's defaults (the host is localhost). For MariaDB the URL
     * says it all, but for a password, which may be in MYSQL_PWD.
     *
     * @param url `postgresql://user:password@host:port/database?sslmode=…`, `postgres://…` or `jdbc:postgresql://…`;
     *     `mariadb://…`, `jdbc:mariadb://…` or `mysql://…`; with `${VAR}` and `${file:/path}`; empty for the PG* variables
     *     alone
     * @throws BackfillException when it cannot be understood; the message repeats nothing of a secret
     */
    public static ConnectionTarget resolve(String url, Environment environment) {
        Placeholders values = Placeholders.of(url.strip(), environment);
        String text = values.marked();
        if (text.startsWith("\u0001")) {
            // A placeholder for the whole URL: what it holds is a URL, percent-encoding and all.
            text = values.fill(text).strip();
        }
        ConnectionUrl parts = text.isEmpty() ? ConnectionUrl.EMPTY : ConnectionUrl.parse(text, values);
        if (parts.engine().equals(ConnectionUrl.MARIADB)) {
            return mariadb(parts, environment);
        }
        String host = or(parts.host(), environment.nonEmpty("PGHOST"), "localhost");
        if (host.startsWith("/")) {
            throw new BackfillException("the host is a socket folder; Neap connects over TCP, so name a host instead");
        }
        String user = or(parts.user(), environment.nonEmpty("PGUSER"), environment.userName());
        String database = or(parts.database(), environment.nonEmpty("PGDATABASE"), user);
        int port = port(parts, environment);
        return new ConnectionTarget(
                ConnectionUrl.POSTGRESQL,
                host,
                port,
                database,
                user,
                password(parts, environment, host, port, database, user),
                options(parts, environment));
    }

    private static ConnectionTarget mariadb(ConnectionUrl parts, Environment environment) {
        String database = parts.database();
        if (database == null) {
            throw new BackfillException("the URL names no database; write mariadb://user@host:3306/database");
        }
        String password = or(parts.password(), environment.nonEmpty("MYSQL_PWD"), "");
        return new ConnectionTarget(
                ConnectionUrl.MARIADB,
                or(parts.host(), null, "localhost"),
                parts.port() == null ? 3306 : ConnectionUrl.port(parts.port(), "the URL"),
                database,
                or(parts.user(), null, environment.userName()),
                password.isEmpty() ? null : new Secret(password),
                parts.options());
    }

    /** The text of a connection without any password that was typed into it. */
    public static String mask(String url) {
        return url.replaceAll("(://[^:/?@]*):(?!\\$\\{[^}]*}@)[^@]*@", "$1:***@")
                .replaceAll("(?i)(password=)(?!\\$\\{)[^&]*", "$1***");
    }

    private static int port(ConnectionUrl parts, Environment environment) {
        String variable = environment.nonEmpty("PGPORT");
        if (parts.port() != null) {
            return ConnectionUrl.port(parts.port(), "the URL");
        }
        return variable == null ? 5432 : ConnectionUrl.port(variable, "PGPORT");
    }

    private static @Nullable Secret password(
            ConnectionUrl parts, Environment environment, String host, int port, String database, String user) {
        String known = parts.password() == null ? environment.nonEmpty("PGPASSWORD") : parts.password();
        return known == null
                ? PgPass.find(environment, host, port, database, user).orElse(null)
                : new Secret(known);
    }

    private static Map<String, String> options(ConnectionUrl parts, Environment environment) {
        Map<String, String> options = new HashMap<>();
        OPTION_VARIABLES.forEach((variable, option) -> {
            String value = environment.nonEmpty(variable);
            if (value != null) {
                options.put(option, value);
            }
        });
        parts.options().forEach((name, value) -> options.put(DRIVER_NAMES.getOrDefault(name, name), value));
        return options;
    }

    private static String or(@Nullable String first, @Nullable String second, String last) {
        if (first != null) {
            return first;
        }
        return second == null ? last : second;
    }
}
