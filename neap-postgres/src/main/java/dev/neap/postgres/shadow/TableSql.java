package dev.neap.postgres.shadow;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The empty shadow: what a table is before it has rows, indexes or anything that looks at other tables. */
final class TableSql {
    private TableSql() {}

    static List<String> create(Catalog catalog) throws SQLException {
        List<String> all = new ArrayList<>();
        all.add(catalog.one(TABLE));
        all.add(catalog.one("SELECT format('ALTER TABLE %s OWNER TO %I', {shadow}, pg_get_userbyid(relowner))"
                + " FROM pg_catalog.pg_class WHERE oid = {live}"));
        all.addAll(catalog.texts(DEFAULT_PRIVILEGES));
        all.addAll(catalog.texts(COLUMN_SETTINGS));
        all.addAll(catalog.texts(VALID_CHECKS));
        all.addAll(catalog.texts("SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', {shadow})"
                + " FROM pg_catalog.pg_class WHERE oid = {live} AND relreplident = 'f'"));
        all.addAll(catalog.texts(EXTENDED_STATISTICS));
        all.addAll(catalog.texts(COMMENTS));
        all.addAll(catalog.texts(SECURITY_LABELS));
        all.addAll(catalog.texts(GRANTS));
        all.addAll(catalog.texts(COLUMN_GRANTS));
        return List.copyOf(all);
    }

    /** Checks that the live rows need not meet, so the shadow gets them when its rows are there. */
    static List<String> unprovenChecks(Catalog catalog) throws SQLException {
        return catalog.texts(UNPROVEN_CHECKS);
    }

    /** Columns in the live partition's order. A not-null constraint has a name from 18 on. */
    private static final String TABLE = """
            SELECT format(E'CREATE %sTABLE %s (\\n    %s\\n) USING %I%s TABLESPACE %I',
                          CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END,
                          {shadow}, columns, coalesce(am.amname, 'heap'),
                          CASE WHEN options IS NULL THEN '' ELSE format(E'\\n    WITH (%s)', options) END,
                          coalesce(ts.spcname, (SELECT t.spcname FROM pg_catalog.pg_database d
                                                JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
                                                WHERE d.datname = current_database())))
            FROM pg_catalog.pg_class c
            LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
            LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
            LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid
            CROSS JOIN LATERAL (
                SELECT string_agg(prefix || format('%I=%L', split_part(o, '=', 1), substr(o, strpos(o, '=') + 1)), ', ')
                FROM (SELECT '' AS prefix, o FROM unnest(c.reloptions) o
                      UNION ALL
                      SELECT 'toast.', o FROM unnest(toast.reloptions) o) AS each) AS o(options)
            CROSS JOIN LATERAL (
                SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
                           || CASE WHEN a.attcollation <> t.typcollation THEN
                                  (SELECT format(' COLLATE %I.%I', n.nspname, co.collname)
                                   FROM pg_catalog.pg_collation co
                                   JOIN pg_catalog.pg_namespace n ON n.oid = co.collnamespace
                                   WHERE co.oid = a.attcollation)
                              ELSE '' END
                           || CASE WHEN a.attgenerated = 's' THEN
                                  format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(ad.adbin, ad.adrelid))
                              WHEN a.attgenerated = 'v' THEN
                                  format(' GENERATED ALWAYS AS (%s) VIRTUAL', pg_get_expr(ad.adbin, ad.adrelid))
                              WHEN ad.oid IS NOT NULL THEN
                                  format(' DEFAULT %s', pg_get_expr(ad.adbin, ad.adrelid))
                              ELSE '' END
                           || CASE WHEN nn.convalidated THEN
                                  format(' CONSTRAINT %I NOT NULL', nn.conname)
                                  || CASE WHEN nn.connoinherit THEN ' NO INHERIT' ELSE '' END
                              WHEN nn.oid IS NULL AND a.attnotnull THEN ' NOT NULL'
                              ELSE '' END, E',\\n    ' ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute a
                JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                LEFT JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
                LEFT JOIN pg_catalog.pg_constraint nn
                    ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey = ARRAY[a.attnum]
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS x(columns)
            WHERE c.oid = {live}""";

    /** Whoever builds the shadow may have default privileges that give away more than the live partition does. */
    private static final String DEFAULT_PRIVILEGES = """
            SELECT DISTINCT format('REVOKE ALL ON TABLE %s FROM %s', {shadow},
                                   CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE format('%I', pg_get_userbyid(g.grantee)) END)
            FROM pg_catalog.pg_default_acl d
            CROSS JOIN LATERAL aclexplode(d.defaclacl) g
            LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
            WHERE d.defaclobjtype = 'r' AND d.defaclrole = (SELECT oid FROM pg_catalog.pg_roles
                                                            WHERE rolname = current_user)
              AND (d.defaclnamespace = 0 OR n.nspname = {work})
              AND g.grantee NOT IN (d.defaclrole, (SELECT relowner FROM pg_catalog.pg_class WHERE oid = {live}))
            ORDER BY 1""";

    private static final String COLUMN_SETTINGS = """
            SELECT format('ALTER TABLE %s ALTER COLUMN %I SET %s', {shadow}, a.attname, s.setting)
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            CROSS JOIN LATERAL (VALUES
                (1, CASE WHEN a.attstattarget >= 0 THEN format('STATISTICS %s', a.attstattarget) END),
                (2, (SELECT '(' || string_agg(format('%I=%L', split_part(o, '=', 1),
                                                 substr(o, strpos(o, '=') + 1)), ', ') || ')'
                     FROM unnest(a.attoptions) o)),
                (3, CASE WHEN a.attstorage <> t.typstorage THEN
                        'STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'
                                                        WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END),
                (4, CASE a.attcompression WHEN 'p' THEN 'COMPRESSION pglz' WHEN 'l' THEN 'COMPRESSION lz4' END))
                AS s(ord, setting)
            WHERE a.attrelid = {live} AND a.attnum > 0 AND NOT a.attisdropped AND s.setting IS NOT NULL
            ORDER BY a.attnum, s.ord""";

    /** Proven (or never enforced) CHECKs cost little on each row loaded, and find a wrong recompute at once. */
    private static final String VALID_CHECKS = """
            SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', {shadow}, conname, pg_get_constraintdef(oid))
            FROM pg_catalog.pg_constraint
            WHERE conrelid = {live} AND contype = 'c' AND NOT starts_with(conname, 'neap_')
              AND pg_get_constraintdef(oid) NOT LIKE '% NOT VALID'
            ORDER BY conname""";

    private static final String UNPROVEN_CHECKS = """
            SELECT unnest(ARRAY[
                format('ALTER TABLE %s ADD CONSTRAINT %I %s', {shadow}, co.conname, pg_get_constraintdef(co.oid)),
                CASE WHEN d.description IS NOT NULL THEN
                    format('COMMENT ON CONSTRAINT %I ON %s IS %L', co.conname, {shadow}, d.description) END])
            FROM (SELECT * FROM pg_catalog.pg_constraint
                  WHERE conrelid = {live} AND contype IN ('c', 'n') AND NOT starts_with(conname, 'neap_')
                    AND pg_get_constraintdef(oid) LIKE '% NOT VALID'
                  ORDER BY contype, conname) AS co
            LEFT JOIN pg_catalog.pg_description d
                ON d.objoid = co.oid AND d.classoid = 'pg_catalog.pg_constraint'::regclass""";

    /** They go to their own schema in the swap; a statistics object does not follow its table. */
    private static final String EXTENDED_STATISTICS = """
            SELECT unnest(ARRAY[
                format('CREATE STATISTICS %I.%I', {work}, s.stxname)
                    || substr(def, length(prefix) + 1, length(def) - length(prefix) - length(suffix))
                    || format(' FROM %s', {shadow}),
                CASE WHEN s.stxowner <> c.relowner OR pg_get_userbyid(s.stxowner) <> current_user THEN
                    format('ALTER STATISTICS %I.%I OWNER TO %I', {work}, s.stxname, pg_get_userbyid(s.stxowner)) END,
                CASE WHEN s.stxstattarget >= 0 THEN
                    format('ALTER STATISTICS %I.%I SET STATISTICS %s', {work}, s.stxname, s.stxstattarget) END,
                CASE WHEN d.description IS NOT NULL THEN
                    format('COMMENT ON STATISTICS %I.%I IS %L', {work}, s.stxname, d.description) END])
            FROM pg_catalog.pg_statistic_ext s
            JOIN pg_catalog.pg_class c ON c.oid = s.stxrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
            LEFT JOIN pg_catalog.pg_description d
                ON d.objoid = s.oid AND d.classoid = 'pg_catalog.pg_statistic_ext'::regclass
            CROSS JOIN LATERAL (SELECT pg_get_statisticsobjdef(s.oid) AS def,
                                       format('CREATE STATISTICS %I.%I', n.nspname, s.stxname) AS prefix,
                                       format(' FROM %s', {name}) AS suffix) AS t
            WHERE s.stxrelid = {live}""";

    private static final String COMMENTS = """
            SELECT format('COMMENT ON TABLE %s IS %L', {shadow}, obj_description({live}, 'pg_class'))
            WHERE obj_description({live}, 'pg_class') IS NOT NULL
            UNION ALL
            SELECT * FROM (
                SELECT format('COMMENT ON COLUMN %s.%I IS %L', {shadow}, a.attname, d.description)
                FROM pg_catalog.pg_attribute a
                JOIN pg_catalog.pg_description d ON d.objoid = a.attrelid AND d.objsubid = a.attnum
                     AND d.classoid = 'pg_catalog.pg_class'::regclass
                WHERE a.attrelid = {live} AND a.attnum > 0 AND NOT a.attisdropped
                ORDER BY a.attnum) AS columns
            UNION ALL
            SELECT * FROM (
                SELECT format('COMMENT ON CONSTRAINT %I ON %s IS %L', co.conname, {shadow}, d.description)
                FROM pg_catalog.pg_constraint co
                JOIN pg_catalog.pg_description d
                    ON d.objoid = co.oid AND d.classoid = 'pg_catalog.pg_constraint'::regclass
                WHERE co.conrelid = {live} AND co.contype IN ('c', 'n') AND NOT starts_with(co.conname, 'neap_')
                  AND pg_get_constraintdef(co.oid) NOT LIKE '% NOT VALID'
                ORDER BY co.contype, co.conname) AS constraints""";

    private static final String SECURITY_LABELS = """
            SELECT format('SECURITY LABEL FOR %I ON %s IS %L', l.provider,
                          CASE l.objsubid WHEN 0 THEN format('TABLE %s', {shadow})
                               ELSE format('COLUMN %s.%I', {shadow}, a.attname) END, l.label)
            FROM pg_catalog.pg_seclabel l
            LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = l.objoid AND a.attnum = l.objsubid
            WHERE l.objoid = {live} AND l.classoid = 'pg_catalog.pg_class'::regclass
            ORDER BY l.objsubid, l.provider""";

    /** The owner grants all of it: a grant made by somebody else with a grant option keeps its effect, not its giver. */
    private static final String GRANTS = """
            SELECT format('GRANT %s ON TABLE %s TO %s%s', string_agg(g.privilege_type, ', ' ORDER BY g.privilege_type),
                          {shadow}, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE format('%I', pg_get_userbyid(g.grantee)) END,
                          CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
            FROM pg_catalog.pg_class c
            CROSS JOIN LATERAL (SELECT grantee, privilege_type, bool_or(is_grantable) AS is_grantable
                                FROM aclexplode(c.relacl) GROUP BY 1, 2) g
            WHERE c.oid = {live} AND g.grantee <> c.relowner
            GROUP BY g.grantee, g.is_grantable
            ORDER BY 1""";

    private static final String COLUMN_GRANTS = """
            SELECT format('GRANT %s ON TABLE %s TO %s%s',
                          string_agg(format('%s (%I)', g.privilege_type, g.attname), ', '
                                     ORDER BY g.attnum, g.privilege_type),
                          {shadow}, CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE format('%I', pg_get_userbyid(g.grantee)) END,
                          CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
            FROM (SELECT a.attnum, a.attname, e.grantee, e.privilege_type, bool_or(e.is_grantable) AS is_grantable
                  FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) e
                  WHERE a.attrelid = {live} AND a.attnum > 0 AND NOT a.attisdropped
                  GROUP BY 1, 2, 3, 4) AS g
            GROUP BY g.grantee, g.is_grantable
            ORDER BY 1""";
}
