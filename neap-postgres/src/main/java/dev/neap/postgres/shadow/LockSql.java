package dev.neap.postgres.shadow;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The locks of the swap, as pg_locks showed them on 14 and 18. Referenced tables by name, so that two swaps, of whatever
 * tables, ask in the same order.
 */
final class LockSql {
    private LockSql() {}

    static List<LockNeed> needs(Catalog catalog) throws SQLException {
        List<LockNeed> all = new ArrayList<>(catalog.list(
                NEEDS,
                r -> new LockNeed(
                        r.getString("relation"),
                        r.getLong("oid"),
                        r.getString("mode"),
                        r.getBoolean("alone"),
                        r.getBoolean("sequence"),
                        r.getString("why"))));
        all.sort(Comparator.comparing(LockNeed::sequence));
        return List.copyOf(all);
    }

    /**
     * A foreign key: DETACH takes SHARE ROW EXCLUSIVE on the referenced table and its partitions, ATTACH (for the
     * parent's) and taking the old one's key off (for any) ACCESS EXCLUSIVE. The strongest comes first, so that nothing
     * is upgraded.
     */
    private static final String NEEDS = """
            SELECT relation, oid, mode, alone, sequence, why
            FROM (
                SELECT 1 AS place, format('%I.%I', n.nspname, c.relname) AS relation, c.oid,
                       'ACCESS EXCLUSIVE' AS mode, c.relkind = 'p' AS alone, false AS sequence,
                       'foreign key ' || string_agg(DISTINCT format('%I', f.conname), ', ') AS why
                FROM pg_catalog.pg_constraint f
                LEFT JOIN pg_catalog.pg_constraint up ON up.oid = f.conparentid
                CROSS JOIN LATERAL (SELECT f.confrelid AS relid
                                    UNION SELECT relid FROM pg_partition_tree(f.confrelid)) AS t
                JOIN pg_catalog.pg_class c ON c.oid = t.relid
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE f.conrelid = {live} AND f.contype = 'f' AND up.conrelid IS DISTINCT FROM f.conrelid
                GROUP BY n.nspname, c.relname, c.oid, c.relkind
                UNION ALL
                SELECT 2, format('%I.%I', n.nspname, c.relname), c.oid, 'ACCESS EXCLUSIVE', true, false,
                       'DETACH and ATTACH'
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = {parent}
                UNION ALL
                SELECT 3, format('%I.%I', n.nspname, c.relname), c.oid, 'ACCESS EXCLUSIVE', c.relkind = 'p', false,
                       'the DEFAULT partition: DETACH and ATTACH change its bound'
                FROM pg_catalog.pg_partitioned_table p
                CROSS JOIN LATERAL (SELECT p.partdefid AS relid
                                    UNION SELECT relid FROM pg_partition_tree(p.partdefid)) AS t
                JOIN pg_catalog.pg_class c ON c.oid = t.relid
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE p.partrelid = {parent} AND p.partdefid NOT IN (0, {live})
                UNION ALL
                SELECT 4, {name}, {live}, 'ACCESS EXCLUSIVE', false, false, 'DETACH'
                UNION ALL
                SELECT 5, {shadow}, 0, 'ACCESS EXCLUSIVE', false, false, 'ATTACH'
                UNION ALL
                SELECT 6, format('%I.%I', n.nspname, s.relname), s.oid, 'SHARE ROW EXCLUSIVE', false, true,
                       'OWNED BY moves; a transaction that took a number from it is in the way'
                FROM pg_catalog.pg_depend d
                JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
                JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
                WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
                  AND d.refobjid = {live} AND d.deptype = 'a') AS needs
            ORDER BY place, relation COLLATE "C\"""";
}
