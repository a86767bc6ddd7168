package dev.neap.postgres.shadow;

import java.sql.SQLException;
import java.util.List;

/** The shadow's indexes, with the constraints that they back. */
final class IndexSql {
    private IndexSql() {}

    static List<IndexBuild> builds(Catalog catalog) throws SQLException {
        return catalog.list(
                BUILDS,
                r -> new IndexBuild(
                        r.getString("relname"),
                        r.getBoolean("indisunique"),
                        r.getBoolean("indisexclusion"),
                        Catalog.array(r, "statements")));
    }

    /**
     * ATTACH walks the parent's indexes by OID and takes for each the first match by OID, so the ones that are attached
     * now come first, in the order of their parents.
     */
    private static final String BUILDS = """
            SELECT x.relname, i.indisunique, i.indisexclusion, array_remove(
                ARRAY[
                    format('SET LOCAL default_tablespace = %L', coalesce(ts.spcname, '')),
                    CASE WHEN i.indisexclusion THEN
                        format('ALTER TABLE %s ADD CONSTRAINT %I %s', {shadow}, co.conname, pg_get_constraintdef(co.oid))
                    ELSE
                        format('CREATE %sINDEX %I ON %s', u.word, x.relname, {shadow})
                        || substr(pg_get_indexdef(x.oid), length(format('CREATE %sINDEX %I ON %s', u.word, x.relname,
                                                                        {name})) + 1)
                    END,
                    CASE WHEN co.contype IN ('p', 'u') AND NOT i.indisexclusion THEN
                        format('ALTER TABLE %s ADD CONSTRAINT %I %s USING INDEX %I%s%s', {shadow}, co.conname,
                               CASE co.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, x.relname,
                               CASE WHEN co.condeferrable THEN ' DEFERRABLE' ELSE '' END,
                               CASE WHEN co.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END)
                    END,
                    CASE WHEN obj_description(x.oid, 'pg_class') IS NOT NULL THEN
                        format('COMMENT ON INDEX %I.%I IS %L', {work}, x.relname, obj_description(x.oid, 'pg_class'))
                    END,
                    CASE WHEN obj_description(co.oid, 'pg_constraint') IS NOT NULL THEN
                        format('COMMENT ON CONSTRAINT %I ON %s IS %L', co.conname, {shadow},
                               obj_description(co.oid, 'pg_constraint'))
                    END]
                || ARRAY(SELECT format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s', {work}, x.relname,
                                       a.attnum, a.attstattarget)
                         FROM pg_catalog.pg_attribute a
                         WHERE a.attrelid = x.oid AND a.attstattarget >= 0
                         ORDER BY a.attnum)
                || ARRAY[
                    CASE WHEN i.indisclustered THEN
                        format('ALTER TABLE %s CLUSTER ON %I', {shadow}, x.relname) END,
                    CASE WHEN i.indisreplident THEN
                        format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', {shadow}, x.relname) END],
                NULL) AS statements
            FROM pg_catalog.pg_index i
            JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
            LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = x.reltablespace
            LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = x.oid
            LEFT JOIN pg_catalog.pg_constraint co
                ON co.conrelid = i.indrelid AND co.conindid = x.oid AND co.contype IN ('p', 'u', 'x')
            CROSS JOIN LATERAL (SELECT CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END AS word) AS u
            WHERE i.indrelid = {live}
            ORDER BY h.inhparent NULLS LAST, x.oid""";
}
