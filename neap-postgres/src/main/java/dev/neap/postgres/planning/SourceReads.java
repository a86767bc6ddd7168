package dev.neap.postgres.planning;

import dev.neap.backfill.SourceRecompute;
import dev.neap.backfill.TableName;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Which tables a recompute reads, by the server's own plan of it. What a function reads inside is not in the plan.
 *
 * @param unnamed tables that are read and neither named nor part of a named one
 * @param unread named tables that are not read
 * @param ownRows whether the table that is rebuilt is read
 */
public record SourceReads(List<String> unnamed, List<String> unread, boolean ownRows) {
    private static final String TREES = """
            WITH RECURSIVE node AS (SELECT jsonb_path_query(?::jsonb, '$.** ? (exists (@."Relation Name"))') AS n),
            seen AS (SELECT DISTINCT to_regclass(format('%I.%I', n->>'Schema', n->>'Relation Name'))::oid AS oid FROM node),
            up AS (SELECT oid AS leaf, oid FROM seen
                   UNION SELECT up.leaf, i.inhparent FROM up JOIN pg_inherits i ON i.inhrelid = up.oid),
            named AS (SELECT name, to_regclass(name)::oid AS oid FROM unnest(?::text[]) AS name)
            """;

    /**
     * Reads the plan of a recompute.
     *
     * @param select the SELECT with its bound
     * @param table the rebuilt table
     */
    public static SourceReads of(Connection connection, SourceRecompute source, String select, TableName table)
            throws SQLException {
        String plan = String.join(
                "",
                PlainSql.list(
                        connection,
                        "EXPLAIN (FORMAT JSON, VERBOSE, COSTS OFF) SELECT * FROM " + SourceSelect.table(select),
                        row -> row.getString(1)));
        List<String> names = source.reads().stream().map(Names::quote).toList();
        List<String> unnamed = Query.of(connection, TREES + """
                        SELECT leaf::regclass::text FROM up
                        GROUP BY leaf HAVING NOT bool_or(oid IN (SELECT oid FROM named WHERE oid IS NOT NULL)) ORDER BY 1
                        """, plan, names).texts();
        List<String> unread = Query.of(
                        connection,
                        TREES + "SELECT name FROM named WHERE oid NOT IN (SELECT oid FROM up) ORDER BY 1",
                        plan,
                        names)
                .texts();
        boolean own = Query.of(
                        connection,
                        TREES + "SELECT EXISTS (SELECT FROM up WHERE oid = to_regclass(?))",
                        plan,
                        names,
                        Names.quote(table))
                .truth();
        return new SourceReads(unnamed, unread, own);
    }
}
