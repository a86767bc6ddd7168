package dev.neap.postgres.fill;

import dev.neap.postgres.query.Names;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows that could not be written, each with its key and its cause. */
final class Quarantine {
    private Quarantine() {}

    /** @param unit 0 where it is none's */
    static void add(Statement s, FillNames names, long unit, @Nullable List<String> key, String cause)
            throws SQLException {
        s.execute("INSERT INTO neap.quarantine (run_id, part, unit_id, key, cause) VALUES (" + names.run() + ", "
                + names.part() + ", "
                + (unit == 0 ? "NULL" : String.valueOf(unit)) + ", " + FillSession.arrayLiteral(key) + ", "
                + Names.literal(cause)
                + ") ON CONFLICT (run_id, part, key) DO UPDATE SET cause = EXCLUDED.cause, at = clock_timestamp(),"
                + " missed = false");
    }
}
