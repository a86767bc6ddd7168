package dev.neap.postgres.shadow;

/**
 * By which columns a changed row is found again: the primary key, or else a unique index over columns that refuse null,
 * compared as the columns compare; the one of the replica identity first, then the one with the fewest columns. The
 * shadow has the same indexes under the same names, so it has the same key.
 */
public final class RowKey {
    /** The index that is each table's key: the table, the index, what its columns are. */
    private static final String BEST = """
            SELECT DISTINCT ON (x.indrelid) x.indrelid, x.indexrelid, x.indkey, x.indclass, x.indnkeyatts
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
            ORDER BY x.indrelid, x.indisprimary DESC, x.indisreplident DESC, x.indnkeyatts, i.relname
            """;

    /**
     * Of each of some tables an index with the columns of its key: its own, or the partitioned one that it belongs to,
     * which is that of many. One parameter: the tables, an array. A table without a key is missing.
     */
    public static final String INDEXES =
            "SELECT best.indrelid::bigint, coalesce(up.inhparent, best.indexrelid)::bigint\nFROM (" + BEST
                    + ") AS best\nLEFT JOIN pg_catalog.pg_inherits up ON up.inhrelid = best.indexrelid";

    /** The columns of indexes, in order: the index, the column. One parameter: the indexes, an array. */
    public static final String COLUMNS_OF_INDEXES = """
            SELECT x.indexrelid::bigint, a.attname
            FROM pg_catalog.pg_index x
            CROSS JOIN LATERAL unnest(x.indkey::smallint[]) WITH ORDINALITY AS k(attnum, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
            WHERE x.indexrelid = ANY (?::oid[]) AND k.place <= x.indnkeyatts
            ORDER BY x.indexrelid, k.place""";

    /**
     * The key's columns of each of some tables, in order: the table, the column, the column quoted, its type, the operator
     * by which the key's index finds what is equal, and ` COLLATE …` where it is not the type's own. One parameter: the tables, an array. A table without a key is missing.
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
                       WHERE o.oid = best.indclass[k.place::int - 1]), coalesce((
                       SELECT format(' COLLATE %I.%I', n.nspname, c.collname)
                       FROM pg_catalog.pg_collation c
                       JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
                       JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                       WHERE c.oid = a.attcollation AND a.attcollation <> t.typcollation), '')
            FROM ({best}) AS best
            CROSS JOIN LATERAL unnest(best.indkey::smallint[]) WITH ORDINALITY AS k(attnum, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = best.indrelid AND a.attnum = k.attnum
            WHERE k.place <= best.indnkeyatts
            ORDER BY best.indrelid, k.place""".replace("{best}", BEST);

    private RowKey() {}
}
