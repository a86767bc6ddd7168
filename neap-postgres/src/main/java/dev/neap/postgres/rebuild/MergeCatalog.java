package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.RowKey;
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

    /**
     * The search path in which keys can be compared as rows, which takes operators by their bare names: the server's own
     * schema, and those that have operators of the key's index. Empty where the server's own are all that it needs.
     */
    static String pathOfKey(Connection connection, long live) throws SQLException {
        List<String> schemas = Query.of(
                        connection,
                        "SELECT DISTINCT quote_ident(n.nspname) FROM (" + RowKey.INDEXES + """
                        ) AS best (live, index)
                        JOIN pg_index x ON x.indexrelid = best.index
                        CROSS JOIN LATERAL unnest(x.indclass::oid[]) AS k(class)
                        JOIN pg_opclass o ON o.oid = k.class
                        JOIN pg_amop m ON m.amopfamily = o.opcfamily AND m.amoplefttype = o.opcintype
                            AND m.amoprighttype = o.opcintype
                        JOIN pg_operator op ON op.oid = m.amopopr
                        JOIN pg_namespace n ON n.oid = op.oprnamespace
                        WHERE n.nspname <> 'pg_catalog' ORDER BY 1
                        """,
                        List.of(live))
                .texts();
        return schemas.isEmpty() ? "" : "pg_catalog, " + String.join(", ", schemas);
    }
}
