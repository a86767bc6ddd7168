package dev.neap.mysql;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.dialect.Database;
import dev.neap.dialect.Dialect;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.Tuning;
import dev.neap.mysql.query.Query;
import dev.neap.mysql.query.SqlFailures;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** MariaDB 10.11 and 11. */
public final class MysqlDialect implements Dialect {
    private static final Pattern VERSION = Pattern.compile("(?:5\\.5\\.5-)?(\\d+)\\.(\\d+)\\..*MariaDB.*");

    @Override
    public String engine() {
        return "mariadb";
    }

    @Override
    public Database open(ConnectionTarget target, Tuning tuning) {
        Sessions sessions = new Sessions(target);
        requireKnown(version(sessions, target));
        try (Connection connection = sessions.open(Sessions.Kind.CONTROL)) {
            return new MysqlDatabase(
                    sessions,
                    tuning,
                    "MariaDB " + Query.texts(connection, "SELECT version()").get(0));
        } catch (SQLException e) {
            throw cannotConnect(target, e);
        }
    }

    /** Asked before anything is set that another server does not know. */
    private static String version(Sessions sessions, ConnectionTarget target) {
        try (Connection connection = DriverManager.getConnection(sessions.url(), sessions.properties())) {
            return Query.texts(connection, "SELECT version()").get(0);
        } catch (SQLException e) {
            throw cannotConnect(target, e);
        }
    }

    static void requireKnown(String version) {
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.matches()) {
            throw new NeapException(
                    Kind.STOP,
                    "this is MySQL " + version
                            + "; MySQL comes later, and until then Neap knows MariaDB 10.11 and 11 alone");
        }
        int major = Integer.parseInt(matcher.group(1));
        int minor = Integer.parseInt(matcher.group(2));
        if (!(major == 10 && minor == 11) && major != 11) {
            throw new NeapException(
                    Kind.STOP,
                    "this is MariaDB " + major + "." + minor
                            + "; Neap knows 10.11 and 11, and refuses what it does not know");
        }
    }

    private static NeapException cannotConnect(ConnectionTarget target, SQLException e) {
        String what = switch (e.getErrorCode()) {
            case 1045, 1698 -> "the server refuses the user or the password";
            case 1049, 1044 -> "there is no database \"" + target.database() + "\" for this user";
            case 1040, 1203 -> "the server has no connection left";
            default -> SqlFailures.state(e).startsWith("08") ? "nothing answers there" : SqlFailures.words(e);
        };
        return new NeapException(
                Kind.USAGE,
                "cannot connect to " + target.printable() + ": " + what + "; check the connection in the backfill file",
                e);
    }
}
