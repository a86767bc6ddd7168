package dev.neap.postgres.shadow;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether a kept partition is still what the live one would be without the rebuild: everything of a table that does not
 * move with its name in a swap must be the same in both. An index that only the live one has can be built.
 */
public final class KeptFit {
    private KeptFit() {}

    /** What the kept partition lacks or has besides, in words, at most five; empty when it fits. */
    public static List<String> differences(Connection connection, long liveOid, long keptOid) throws SQLException {
        try (Catalog catalog =
                new Catalog(connection, Map.of("tables", unknown(List.of(liveOid, keptOid)), "index", INDEX))) {
            return catalog.texts("WITH lines AS (" + LINES + "), live AS (" + of(liveOid) + "), kept AS (" + of(keptOid)
                    + ") (SELECT 'only the live one has ' || line FROM (TABLE live EXCEPT TABLE kept) AS more"
                    + " WHERE NOT starts_with(line, 'index ') UNION ALL"
                    + " SELECT 'only the kept one has ' || line FROM (TABLE kept EXCEPT TABLE live) AS less"
                    + " ORDER BY 1 LIMIT 5)");
        }
    }

    private static String of(long oid) {
        return "SELECT line FROM lines WHERE of_table = " + oid + "::oid";
    }

    /**
     * Which of many pairs are alike in everything, by the live one's OID; in one query. A pair that is not among them may
     * still fit: an index that only the live one has can be built.
     *
     * @param live OIDs of live partitions
     * @param kept for each of them that of the kept one
     */
    public static Set<Long> alike(Connection connection, List<Long> live, List<Long> kept) throws SQLException {
        List<Long> both = new ArrayList<>(live);
        both.addAll(kept);
        Map<String, String> literals = Map.of(
                "live", array(live),
                "kept", array(kept),
                "tables", unknown(both),
                "index", connection.getMetaData().getDatabaseMajorVersion() < 15 ? PLAIN_INDEX : PLAIN_INDEX_FROM_15);
        try (Catalog catalog = new Catalog(connection, literals)) {
            return Set.copyOf(catalog.list(
                    "WITH whole AS MATERIALIZED (SELECT of_table, array_agg(line ORDER BY line COLLATE \"C\") AS lines FROM ("
                            + LINES + ") AS each GROUP BY of_table) SELECT pair.live::bigint"
                            + " FROM unnest({live}, {kept}) AS pair (live, kept)"
                            + " JOIN whole AS of_live ON of_live.of_table = pair.live"
                            + " JOIN whole AS of_kept ON of_kept.of_table = pair.kept WHERE of_live.lines = of_kept.lines",
                    row -> row.getLong(1)));
        }
    }

    private static String array(List<Long> oids) {
        return "'{" + oids.stream().map(String::valueOf).collect(Collectors.joining(",")) + "}'::oid[]";
    }

    /** An array that the planner does not know: for thousands of tables it would read whole catalogs. */
    private static String unknown(List<Long> oids) {
        return "ARRAY(SELECT unnest(" + array(oids) + "))";
    }

    /** An index in the server's own words. */
    private static final String INDEX = """
            concat(CASE WHEN i.indisunique THEN 'unique ' END || CASE WHEN i.indisvalid THEN '' ELSE 'invalid ' END,
                   substr(pg_get_indexdef(x.oid), strpos(pg_get_indexdef(x.oid), ' USING ')),
                   ' ' || pg_get_constraintdef(co.oid), CASE WHEN i.indisreplident THEN ' replica identity' END)""";

    /**
     * The same of what those words are made of, where they are made of no more than this: a B-tree (403) over columns, with
     * operator classes that come with PostgreSQL. To word an index the server opens it and its table, which takes most of
     * the time that thousands of partitions take.
     */
    private static final String PLAIN_INDEX = """
            CASE WHEN x.relam = 403 AND i.indexprs IS NULL AND i.indpred IS NULL AND NOT i.indisexclusion
                      AND 16384 > ALL (i.indclass::oid[])
                 THEN concat_ws(' ', i.indisunique, i.indisvalid, i.indisreplident, i.indcollation,
                                i.indclass, i.indoption, x.reloptions, co.contype, co.condeferrable, co.condeferred,
                                (SELECT array_agg(a.attname ORDER BY key.position)
                                 FROM unnest(i.indkey) WITH ORDINALITY AS key (attnum, position)
                                 JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.attnum))
                 ELSE\s""" + INDEX + " END";

    private static final String PLAIN_INDEX_FROM_15 =
            PLAIN_INDEX.replace("i.indisunique, i.indisvalid", "i.indisunique, i.indnullsnotdistinct, i.indisvalid");

    /**
     * Identity and inherited triggers come with ATTACH; foreign keys, the partition's own triggers, policies, rules,
     * publications, defaults of sequences and the names of statistics' schemas come with the swap.
     */
    private static final String LINES = """
            SELECT a.attrelid AS of_table,
                   format('column %s %I %s%s%s%s%s%s%s',
                       row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum), a.attname,
                       format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN ' NOT NULL' END,
                       CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation END,
                       CASE WHEN a.attgenerated <> '' THEN ' generated '
                            WHEN ad.oid IS NOT NULL THEN ' default ' END || pg_get_expr(ad.adbin, ad.adrelid),
                       CASE WHEN a.attstorage <> t.typstorage THEN ' storage ' || a.attstorage::text END,
                       CASE WHEN a.attcompression <> '' THEN ' compression ' || a.attcompression::text END,
                       ' options ' || a.attoptions::text) AS line
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            LEFT JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
                                WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = ad.oid
                                  AND d.refclassid = 'pg_catalog.pg_class'::regclass)
            WHERE a.attrelid = ANY ({tables}) AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT conrelid, format('constraint %I %s', conname, pg_get_constraintdef(oid))
            FROM pg_catalog.pg_constraint
            WHERE conrelid = ANY ({tables}) AND contype = 'c' AND NOT starts_with(conname, 'neap_')
            UNION ALL
            SELECT i.indrelid, format('index %I %s', x.relname, {index})
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
            LEFT JOIN pg_catalog.pg_constraint co
                ON co.conrelid = i.indrelid AND co.conindid = x.oid AND co.contype IN ('p', 'u', 'x')
            WHERE i.indrelid = ANY ({tables})
            UNION ALL
            SELECT oid, format('owner %I', pg_get_userbyid(relowner)) FROM pg_catalog.pg_class WHERE oid = ANY ({tables})
            UNION ALL
            SELECT oid, format('persistence %s', relpersistence) FROM pg_catalog.pg_class WHERE oid = ANY ({tables})
            UNION ALL
            SELECT c.oid, format('access method %s', am.amname)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_am am ON am.oid = c.relam WHERE c.oid = ANY ({tables})
            UNION ALL
            SELECT c.oid, format('tablespace %s', ts.spcname)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
            WHERE c.oid = ANY ({tables})
            UNION ALL
            SELECT c.oid, format('setting %s', o)
            FROM pg_catalog.pg_class c CROSS JOIN LATERAL unnest(c.reloptions) AS o WHERE c.oid = ANY ({tables})
            UNION ALL
            SELECT c.oid, format('the privilege %s for %s%s', g.privilege_type,
                          CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END,
                          CASE WHEN g.is_grantable THEN ', with grant option' END)
            FROM pg_catalog.pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS g
            WHERE c.oid = ANY ({tables}) AND g.grantee <> c.relowner
            UNION ALL
            SELECT a.attrelid, format('the privilege %s (%I) for %s%s', g.privilege_type, a.attname,
                          CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END,
                          CASE WHEN g.is_grantable THEN ', with grant option' END)
            FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) AS g
            WHERE a.attrelid = ANY ({tables}) AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT s.stxrelid, format('statistics %I %s', s.stxname, s.stxkind)
            FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = ANY ({tables})""";
}
