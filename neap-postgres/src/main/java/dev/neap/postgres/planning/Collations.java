package dev.neap.postgres.planning;

import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * The collations of a table's columns. Text that comes from elsewhere may have another one, and PostgreSQL compares no two
 * texts of two collations until it is told by which.
 */
public final class Collations {
    private Collations() {}

    /** By the column's name a clause such as `" COLLATE pg_catalog.\"C\""`; none for a column that has no collation. */
    public static Map<String, String> of(Connection connection, long table) throws SQLException {
        Map<String, String> clauses = new HashMap<>();
        Query.of(connection, """
                        SELECT a.attname, format(' COLLATE %I.%I', n.nspname, c.collname)
                        FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation
                        JOIN pg_namespace n ON n.oid = c.collnamespace
                        WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped
                        """, table).list(r -> clauses.put(r.getString(1), r.getString(2)));
        return clauses;
    }
}
