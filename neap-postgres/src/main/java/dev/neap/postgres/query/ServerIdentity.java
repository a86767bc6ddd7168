package dev.neap.postgres.query;

import java.sql.Connection;
import java.sql.SQLException;

/** Which server it is: its cluster, and the timeline that it writes. One that was promoted is another. */
public final class ServerIdentity {
    /** What it ends with where the server is a standby, which writes none. */
    public static final String STANDBY = "standby";

    private static final String SQL = """
            SELECT system_identifier || '/' || CASE WHEN pg_is_in_recovery() THEN 'standby'
                   ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END
            FROM pg_control_system()
            """;

    private ServerIdentity() {}

    /** Its identity, in words. */
    public static String of(Connection connection) throws SQLException {
        return Query.of(connection, SQL).text();
    }
}
