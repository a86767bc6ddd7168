package dev.neap.postgres.shadow;

import dev.neap.backfill.TableName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Constraints that look at other tables, or prove the bound. */
final class ConstraintSql {
    private ConstraintSql() {}

    static List<ForeignKey> foreignKeys(Catalog catalog) throws SQLException {
        return catalog.list(
                FOREIGN_KEYS,
                r -> new ForeignKey(
                        r.getString("conname"),
                        new TableName(r.getString("nspname"), r.getString("relname")),
                        r.getLong("confrelid"),
                        r.getBoolean("inherited"),
                        Catalog.array(r, "add_sql"),
                        Optional.ofNullable(r.getString("validate_sql"))));
    }

    static List<String> boundCheck(Catalog catalog) throws SQLException {
        return catalog.texts(BOUND_CHECK);
    }

    static Optional<DefaultCheck> defaultCheck(Catalog catalog) throws SQLException {
        return catalog.list(DEFAULT_CHECK, ConstraintSql::defaultCheck).stream().findFirst();
    }

    private static DefaultCheck defaultCheck(ResultSet row) throws SQLException {
        String alter = "ALTER TABLE " + row.getString("qualified");
        String name = row.getString("name");
        return new DefaultCheck(
                new TableName(row.getString("nspname"), row.getString("relname")),
                row.getLong("oid"),
                name,
                alter + " ADD CONSTRAINT " + name + " CHECK (NOT " + row.getString("bound") + ") NOT VALID",
                alter + " VALIDATE CONSTRAINT " + name,
                alter + " DROP CONSTRAINT IF EXISTS " + name);
    }

    /** A key to a partitioned table has one more row for each partition there; those make themselves. */
    private static final String FOREIGN_KEYS = """
            SELECT co.conname, co.confrelid, n.nspname, r.relname, co.conparentid <> 0 AS inherited,
                   array_remove(ARRAY[
                       format('ALTER TABLE %s ADD CONSTRAINT %I %s%s', {shadow}, co.conname, def,
                              CASE WHEN def LIKE '% NOT VALID' OR def LIKE '% NOT ENFORCED' THEN ''
                                   ELSE ' NOT VALID' END),
                       CASE WHEN obj_description(co.oid, 'pg_constraint') IS NOT NULL THEN
                           format('COMMENT ON CONSTRAINT %I ON %s IS %L', co.conname, {shadow},
                                  obj_description(co.oid, 'pg_constraint')) END], NULL) AS add_sql,
                   CASE WHEN co.convalidated THEN
                       format('ALTER TABLE %s VALIDATE CONSTRAINT %I', {shadow}, co.conname) END AS validate_sql
            FROM pg_catalog.pg_constraint co
            JOIN pg_catalog.pg_class r ON r.oid = co.confrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
            LEFT JOIN pg_catalog.pg_constraint up ON up.oid = co.conparentid
            CROSS JOIN LATERAL (SELECT pg_get_constraintdef(co.oid) AS def) AS d
            WHERE co.conrelid = {live} AND co.contype = 'f' AND up.conrelid IS DISTINCT FROM co.conrelid
            ORDER BY co.conname""";

    /** A DEFAULT partition without siblings has no bound at all. */
    private static final String BOUND_CHECK = """
            SELECT unnest(ARRAY[
                format('ALTER TABLE %s ADD CONSTRAINT %I CHECK (%s) NOT VALID', {shadow}, {bound_check},
                       coalesce(pg_get_partition_constraintdef({live}), 'true')),
                format('ALTER TABLE %s VALIDATE CONSTRAINT %I', {shadow}, {bound_check})])""";

    /**
     * The bound of this one level, out of `live` and `above`. The function gives the bounds of the levels above too, in
     * front, so they are cut off: ATTACH asks the DEFAULT partition for the negation of this level's bound, and
     * NOT (above AND bound) would prove nothing. NULL when the words are not as expected.
     */
    static final String OWN_BOUND = """
            CASE WHEN above IS NULL THEN live
                 WHEN starts_with(live, left(above, -1) || ' AND ') THEN
                     '(' || substr(live, length(above) + length(' AND '))
                 WHEN starts_with(live, '(' || above || ' AND ') THEN
                     '(' || substr(live, length(above) + length('( AND ') + 1)
            END""";

    static final String BOUNDS = """
            (SELECT pg_get_partition_constraintdef({live}) AS live,
                    pg_get_partition_constraintdef({parent}) AS above) AS bounds""";

    private static final String DEFAULT_CHECK = """
            SELECT d.oid, n.nspname, d.relname, format('%I.%I', n.nspname, d.relname) AS qualified,
                   'neap_not_' || {live}::text AS name, own.bound
            FROM pg_catalog.pg_partitioned_table p
            JOIN pg_catalog.pg_class d ON d.oid = p.partdefid
            JOIN pg_catalog.pg_namespace n ON n.oid = d.relnamespace
            CROSS JOIN (SELECT $own AS bound FROM $bounds) AS own
            WHERE p.partrelid = {parent} AND d.oid <> {live} AND own.bound IS NOT NULL""".replace("$own", OWN_BOUND).replace("$bounds", BOUNDS);
}
