package dev.neap.mysql.fill;

import dev.neap.mysql.query.Keys;
import dev.neap.mysql.query.Names;
import dev.neap.mysql.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Rows that could not be written, each once, with its key and its cause. */
final class Quarantine {
    private Quarantine() {}

    /** @param unit 0 where it is none's */
    static void add(Connection c, long run, long unit, List<String> key, String cause) throws SQLException {
        Query.execute(c, "DELETE FROM neap.quarantine WHERE run_id = " + run + " AND `key` = " + Keys.sql(key));
        Query.execute(
                c,
                "INSERT INTO neap.quarantine (run_id, unit_id, `key`, cause) VALUES (" + run + ", "
                        + (unit == 0 ? "NULL" : String.valueOf(unit)) + ", " + Keys.sql(key) + ", "
                        + Names.literal(cause) + ")");
    }

    static boolean any(Connection c, long run) throws SQLException {
        return Query.truth(c, "SELECT EXISTS (SELECT 1 FROM neap.quarantine WHERE run_id = " + run + ")");
    }

    static void clear(Connection c, long run) throws SQLException {
        Query.execute(c, "DELETE FROM neap.quarantine WHERE run_id = " + run);
    }
}
