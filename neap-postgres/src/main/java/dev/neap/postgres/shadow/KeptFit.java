package dev.neap.postgres.shadow;

import java.sql.Connection;
import java.sql.SQLException;
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
        try (Catalog catalog = new Catalog(connection, Map.of("live", liveOid + "::oid", "kept", keptOid + "::oid"))) {
            String live = "(" + LINES.replace("{table}", "{live}") + ")";
            String kept = "(" + LINES.replace("{table}", "{kept}") + ")";
            return catalog.texts("(SELECT 'only the live one has ' || line FROM (" + live + " EXCEPT " + kept
                    + ") AS more WHERE NOT starts_with(line, 'index ') UNION ALL"
                    + " SELECT 'only the kept one has ' || line FROM (" + kept + " EXCEPT " + live
                    + ") AS less ORDER BY 1 LIMIT 5)");
        }
    }

    /**
     * Which of many pairs are alike in everything, by the live one's OID; in one query. A pair that is not among them may
     * still fit: an index that only the live one has can be built.
     *
     * @param live OIDs of live partitions
     * @param kept for each of them that of the kept one
     */
    public static Set<Long> alike(Connection connection, List<Long> live, List<Long> kept) throws SQLException {
        try (Catalog catalog = new Catalog(connection, Map.of("live", array(live), "kept", array(kept)))) {
            String pairs = "SELECT pair.live::bigint FROM unnest({live}, {kept}) AS pair (live, kept) WHERE %s = %s";
            return Set.copyOf(
                    catalog.list(pairs.formatted(lines("pair.live"), lines("pair.kept")), row -> row.getLong(1)));
        }
    }

    private static String array(List<Long> oids) {
        return "'{" + oids.stream().map(String::valueOf).collect(Collectors.joining(",")) + "}'::oid[]";
    }

    private static String lines(String table) {
        return "(SELECT array_agg(line ORDER BY line COLLATE \"C\") FROM (" + LINES.replace("{table}", table)
                + ") AS of_one)";
    }

    /**
     * Identity and inherited triggers come with ATTACH; foreign keys, the partition's own triggers, policies, rules,
     * publications, defaults of sequences and the names of statistics' schemas come with the swap.
     */
    private static final String LINES = """
            SELECT format('column %s %I %s%s%s%s%s%s%s', row_number() OVER (ORDER BY a.attnum), a.attname,
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
            WHERE a.attrelid = {table} AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT format('constraint %I %s', conname, pg_get_constraintdef(oid))
            FROM pg_catalog.pg_constraint
            WHERE conrelid = {table} AND contype = 'c' AND NOT starts_with(conname, 'neap_')
            UNION ALL
            SELECT format('index %I %s%s%s%s', x.relname,
                       CASE WHEN i.indisunique THEN 'unique ' END || CASE WHEN i.indisvalid THEN '' ELSE 'invalid ' END,
                       substr(pg_get_indexdef(x.oid), strpos(pg_get_indexdef(x.oid), ' USING ')),
                       ' ' || pg_get_constraintdef(co.oid), CASE WHEN i.indisreplident THEN ' replica identity' END)
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
            LEFT JOIN pg_catalog.pg_constraint co
                ON co.conrelid = i.indrelid AND co.conindid = x.oid AND co.contype IN ('p', 'u', 'x')
            WHERE i.indrelid = {table}
            UNION ALL
            SELECT format('owner %I', pg_get_userbyid(relowner)) FROM pg_catalog.pg_class WHERE oid = {table}
            UNION ALL
            SELECT format('persistence %s', relpersistence) FROM pg_catalog.pg_class WHERE oid = {table}
            UNION ALL
            SELECT format('access method %s', am.amname)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_am am ON am.oid = c.relam WHERE c.oid = {table}
            UNION ALL
            SELECT format('tablespace %s', ts.spcname)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
            WHERE c.oid = {table}
            UNION ALL
            SELECT format('setting %s', o)
            FROM pg_catalog.pg_class c CROSS JOIN LATERAL unnest(c.reloptions) AS o WHERE c.oid = {table}
            UNION ALL
            SELECT format('the privilege %s for %s%s', g.privilege_type,
                          CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END,
                          CASE WHEN g.is_grantable THEN ', with grant option' END)
            FROM pg_catalog.pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS g
            WHERE c.oid = {table} AND g.grantee <> c.relowner
            UNION ALL
            SELECT format('the privilege %s (%I) for %s%s', g.privilege_type, a.attname,
                          CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END,
                          CASE WHEN g.is_grantable THEN ', with grant option' END)
            FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) AS g
            WHERE a.attrelid = {table} AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT format('statistics %I %s', s.stxname, s.stxkind)
            FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = {table}""";
}
