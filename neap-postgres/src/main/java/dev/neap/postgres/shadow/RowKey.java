package dev.neap.postgres.shadow;

/**
 * By which columns a changed row is found again: the primary key, or else a unique index over columns that refuse null,
 * compared as the columns compare; the one of the replica identity first, then the one with the fewest columns. The
 * shadow has the same indexes under the same names, so it has the same key.
 */
public final class RowKey {
    /**
     * The key's columns of each of some tables, in order: the table, the column, the column quoted, its type, the operator
     * by which the key's index finds what is equal. One parameter: the tables, an array. A table without a key is missing.
     */
    public static final String COLUMNS = """
            SELECT best.indrelid::bigint, a.attname, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod), (
                       SELECT CASE WHEN n.nspname = 'pg_catalog' AND op.oprname = '=' THEN '='
                              ELSE format('OPERATOR(%I.%s)', n.nspname, op.oprname) END
                       FROM pg_catalog.pg_opclass o
                       JOIN pg_catalog.pg_amop m ON m.amopfamily = o.opcfamily AND m.amoplefttype = o.opcintype
                           AND m.amoprighttype = o.opcintype AND m.amopstrategy = 3
                       JOIN pg_catalog.pg_operator op ON op.oid = m.amopopr
                       JOIN pg_catalog.pg_namespace n ON n.oid = op.oprnamespace
                       WHERE o.oid = best.indclass[k.place::int - 1])
            FROM (
                SELECT DISTINCT ON (x.indrelid) x.*
                FROM pg_catalog.pg_index x
                JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
                WHERE x.indrelid = ANY (?::oid[]) AND x.indisunique AND x.indisvalid AND x.indpred IS NULL
                  AND x.indexprs IS NULL AND (x.indisprimary OR NOT EXISTS (
                      SELECT FROM unnest(x.indkey::smallint[], x.indcollation::oid[], x.indclass::oid[])
                          WITH ORDINALITY AS k(attnum, collated, class, place)
                      JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
                      JOIN pg_catalog.pg_opclass o ON o.oid = k.class
                      WHERE k.place <= x.indnkeyatts AND (
                          NOT a.attnotnull OR k.collated <> a.attcollation OR NOT o.opcdefault
                          OR EXISTS (SELECT FROM pg_catalog.pg_constraint n
                                     WHERE n.conrelid = x.indrelid AND n.contype = 'n' AND NOT n.convalidated
                                       AND n.conkey = ARRAY[a.attnum]))))
                ORDER BY x.indrelid, x.indisprimary DESC, x.indisreplident DESC, x.indnkeyatts, i.relname) AS best
            CROSS JOIN LATERAL unnest(best.indkey::smallint[]) WITH ORDINALITY AS k(attnum, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = best.indrelid AND a.attnum = k.attnum
            WHERE k.place <= best.indnkeyatts
            ORDER BY best.indrelid, k.place""";

    private RowKey() {}
}
