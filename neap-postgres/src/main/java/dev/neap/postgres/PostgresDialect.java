package dev.neap.postgres;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.dialect.Database;
import dev.neap.dialect.Dialect;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** PostgreSQL 14 to 18. */
public final class PostgresDialect implements Dialect {
    @Override
    public String engine() {
        return "postgresql";
    }

    @Override
    public Database open(ConnectionTarget target, Tuning tuning) {
        Sessions sessions = new Sessions(target);
        try (Connection connection = sessions.open(Sessions.Kind.CONTROL, "neap");
                Statement s = connection.createStatement();
                ResultSet rs = s.executeQuery("SELECT current_setting('server_version_num')::int / 10000")) {
            rs.next();
            int major = rs.getInt(1);
            if (major < 14 || major > 18) {
                throw new NeapException(
                        NeapException.Kind.STOP,
                        "this is PostgreSQL " + major + "; Neap knows 14 to 18 and refuses what it does not know");
            }
            return new PostgresDatabase(sessions, tuning, major);
        } catch (SQLException e) {
            throw cannotConnect(target, e);
        }
    }

    private static NeapException cannotConnect(ConnectionTarget target, SQLException e) {
        String what = switch (SqlFailures.state(e)) {
            case "28P01", "28000" -> "the server refuses the user or the password";
            case "3D000" -> "there is no database \"" + target.database() + "\"";
            case "08001", "08004", "08006" -> "nothing answers there";
            case "53300" -> "the server has no connection left";
            default -> SqlFailures.explain(e).getMessage();
        };
        return new NeapException(
                NeapException.Kind.USAGE,
                "cannot connect to " + target.printable() + ": " + what
                        + "; check the connection in the backfill file and the PG* variables",
                e);
    }
}
