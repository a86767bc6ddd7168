package dev.neap.postgres.fill;

import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A trigger for each row of a table and one for TRUNCATE, which call the same function and fire for replicated changes too.
 * A partitioned table hands its row trigger to its partitions, but not that it fires always; and a TRUNCATE of one partition
 * fires that partition's trigger alone.
 *
 * @param row the name of the one
 * @param truncate the name of the other
 * @param function what they call, with its arguments
 */
record RowTriggers(LiveTable table, String row, String truncate, String function) {
    private static final String TREE = """
            WITH RECURSIVE tree AS (
                SELECT ?::oid AS oid
                UNION ALL SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid)
            """;

    /** Puts them on. */
    List<String> create(Connection connection) throws SQLException {
        List<String> sql = new ArrayList<>();
        sql.add("CREATE TRIGGER " + row + " AFTER INSERT OR UPDATE OR DELETE ON " + Names.quote(table.name())
                + " FOR EACH ROW EXECUTE FUNCTION " + function);
        for (String each : tree(connection)) {
            sql.add("CREATE TRIGGER " + truncate + " AFTER TRUNCATE ON " + each
                    + " FOR EACH STATEMENT EXECUTE FUNCTION " + function);
            sql.add("ALTER TABLE " + each + " ENABLE ALWAYS TRIGGER " + row + ", ENABLE ALWAYS TRIGGER " + truncate);
        }
        return sql;
    }

    /** Takes them off; nothing need be there. */
    List<String> drop(Connection connection) throws SQLException {
        List<String> sql = new ArrayList<>();
        sql.add("DROP TRIGGER IF EXISTS " + row + " ON " + Names.quote(table.name()));
        for (String each : tree(connection)) {
            sql.add("DROP TRIGGER IF EXISTS " + truncate + " ON " + each);
        }
        return sql;
    }

    /** Whether all are there and fire always. */
    boolean inPlace(Connection connection) throws SQLException {
        return Query.of(connection, TREE + """
                        SELECT bool_and((SELECT count(*) FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid
                                         AND t.tgname IN (?, ?) AND t.tgenabled = 'A') = 2)
                        FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid WHERE c.relkind IN ('r', 'p')
                        """, table.oid(), row, truncate).truth();
    }

    /**
     * Whether each row that is written still fires, and has since this was put on: who switches triggers off and on again,
     * as many a loader does, leaves them firing no more than any other. A partition that came since has its row trigger.
     */
    boolean fires(Connection connection) throws SQLException {
        return Query.of(connection, TREE + """
                        SELECT bool_and(EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid
                                                AND t.tgname = ? AND t.tgenabled = 'A'))
                        FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid WHERE c.relkind IN ('r', 'p')
                        """, table.oid(), row).truth();
    }

    private List<String> tree(Connection connection) throws SQLException {
        return Query.of(connection, TREE + """
                        SELECT format('%I.%I', n.nspname, c.relname) FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid
                        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')
                        ORDER BY (c.oid = ?::oid) DESC, n.nspname COLLATE "C", c.relname COLLATE "C"
                        """, table.oid(), table.oid()).texts();
    }
}
