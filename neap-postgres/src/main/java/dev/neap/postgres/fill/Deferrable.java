package dev.neap.postgres.fill;

import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * A constraint that may wait for the end of its transaction.
 *
 * @param name with its schema, as SQL wants it
 * @param waits whether it does, where nobody says otherwise: it, and all others of that name, which are set with it
 */
record Deferrable(String name, boolean waits) {
    private static final String FIND = """
            SELECT DISTINCT format('%I.%I', n.nspname, co.conname),
                   NOT EXISTS (SELECT FROM pg_catalog.pg_constraint other WHERE other.conname = co.conname
                               AND other.connamespace = co.connamespace AND NOT other.condeferred)
            FROM pg_catalog.pg_constraint co JOIN pg_catalog.pg_namespace n ON n.oid = co.connamespace
            WHERE (co.conrelid = ?::oid OR co.confrelid = ?::oid) AND co.condeferrable ORDER BY 1
            """;

    /** Those on a table, and those that reference it. */
    static List<Deferrable> of(Connection connection, LiveTable table) throws SQLException {
        return Query.of(connection, FIND, table.oid(), table.oid())
                .list(r -> new Deferrable(r.getString(1), r.getBoolean(2)));
    }
}
