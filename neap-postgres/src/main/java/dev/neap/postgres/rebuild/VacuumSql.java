package dev.neap.postgres.rebuild;

import java.sql.Connection;
import java.sql.SQLException;

/** VACUUM of one small table that Neap made. */
final class VacuumSql {
    private static final int CAN_SKIP = 16;

    private VacuumSql() {}

    /**
     * The statement. At its end VACUUM reads all of `pg_class` for the database's oldest transaction, which takes time that
     * grows with the number of tables; from PostgreSQL 16 on that can be left to autovacuum.
     *
     * @param options as they stand between the parentheses
     * @param table quoted
     */
    static String of(Connection connection, String options, String table) throws SQLException {
        boolean skips = connection.getMetaData().getDatabaseMajorVersion() >= CAN_SKIP;
        return "VACUUM (" + options + (skips ? ", SKIP_DATABASE_STATS" : "") + ") " + table;
    }
}
