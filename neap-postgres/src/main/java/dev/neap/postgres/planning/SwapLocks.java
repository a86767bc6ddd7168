package dev.neap.postgres.planning;

import dev.neap.plan.Plan.TableLock;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.LockNeed;
import dev.neap.postgres.shadow.ShadowDefinition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which tables the swaps lock, for people. */
final class SwapLocks {
    /** Partitions of one table need not have the same foreign keys. */
    private static final String REFERENCED = """
            SELECT format('%I.%I', n.nspname, c.relname), string_agg(DISTINCT quote_ident(f.conname), ', ')
            FROM pg_constraint f
            LEFT JOIN pg_constraint up ON up.oid = f.conparentid
            CROSS JOIN LATERAL (SELECT f.confrelid AS relid UNION SELECT relid FROM pg_partition_tree(f.confrelid)) AS t
            JOIN pg_class c ON c.oid = t.relid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE f.conrelid = ANY (?::oid[]) AND f.contype = 'f' AND up.conrelid IS DISTINCT FROM f.conrelid
            GROUP BY 1 ORDER BY 1
            """;

    private SwapLocks() {}

    /** All that a merge locks: capture's beginning and end besides. */
    static TableLock merging(ShadowDefinition first, int units) {
        String others = units > 1 ? "; each of the other %,d in its turn".formatted(units - 1) : "";
        return new TableLock(
                first.name(),
                "ROW EXCLUSIVE",
                "rows that differ are updated where they are, one batch at a time" + others);
    }

    /**
     * The locks of all swaps, in the order in which each takes its own.
     *
     * @param first the first unit's definition, which stands for the others in all but foreign keys
     */
    static List<TableLock> of(Connection connection, ShadowDefinition first, List<Leaf> units) throws SQLException {
        List<String> oids =
                units.stream().map(leaf -> String.valueOf(leaf.oid())).toList();
        List<TableLock> locks = new ArrayList<>(Query.of(connection, REFERENCED, oids)
                .list(row -> new TableLock(row.getString(1), "ACCESS EXCLUSIVE", "foreign key " + row.getString(2))));
        Set<String> named = new HashSet<>();
        locks.forEach(lock -> named.add(lock.table()));
        for (LockNeed need : first.locks()) {
            boolean unit = need.oid() == first.liveOid();
            String others =
                    unit && units.size() > 1 ? "; each of the other %,d in its turn".formatted(units.size() - 1) : "";
            // Nobody but Neap knows the shadow, which has no OID yet.
            if (need.oid() != 0 && named.add(need.relation())) {
                locks.add(new TableLock(need.relation(), need.mode(), need.why() + others));
            }
        }
        return locks;
    }
}
