package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/** What the catalog says of an UPDATE of one live partition. */
final class MergeCatalog {
    private MergeCatalog() {}

    /** Whether a trigger of somebody else's would fire. */
    static boolean firesOnUpdate(Connection connection, long live) throws SQLException {
        return Query.of(connection, """
                        SELECT EXISTS (SELECT FROM pg_trigger
                                       WHERE tgrelid = ?::oid AND NOT tgisinternal AND tgtype & 16 <> 0
                                         AND tgenabled <> 'D' AND NOT starts_with(tgname, 'neap_'))
                        """, live).truth();
    }

    /** The foreign keys that a recomputed column is part of. */
    static List<String> foreignKeysOver(Connection connection, long live, Collection<String> set) throws SQLException {
        return Query.of(connection, """
                        SELECT k.conname::text FROM pg_constraint k
                        WHERE k.conrelid = ?::oid AND k.contype = 'f' AND EXISTS (
                            SELECT FROM pg_attribute a
                            WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attname = ANY (?::text[]))
                        """, live, List.copyOf(set)).texts();
    }
}
