package dev.neap.postgres.planning;

import dev.neap.plan.Plan.TableLock;
import dev.neap.plan.Plan.TableLock.When;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.DefaultCheck;
import dev.neap.postgres.shadow.LockNeed;
import dev.neap.postgres.shadow.ShadowDefinition;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which tables the units lock, for people. */
final class SwapLocks {
    /** Partitions of one table need not have the same foreign keys. */
    private static final String REFERENCED = """
            SELECT format('%I.%I', n.nspname, c.relname), min(quote_ident(f.conname)), count(DISTINCT f.conname) - 1
            FROM pg_constraint f
            LEFT JOIN pg_constraint up ON up.oid = f.conparentid
            CROSS JOIN LATERAL (SELECT f.confrelid AS relid UNION SELECT relid FROM pg_partition_tree(f.confrelid)) AS t
            JOIN pg_class c ON c.oid = t.relid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE f.conrelid = ANY (?::oid[]) AND f.contype = 'f' AND up.conrelid IS DISTINCT FROM f.conrelid
            GROUP BY 1 ORDER BY 1
            """;

    private static final String GIVES_WAY = "an autovacuum gives way to it: nobody waits";

    private SwapLocks() {}

    /** What a merge locks of the table itself. */
    static List<TableLock> merging(ShadowDefinition first, int units) {
        String others = units > 1 ? "; each of the other %,d in its turn".formatted(units - 1) : "";
        String table = first.name();
        return List.of(
                capturing(table, "", units),
                new TableLock(table, "SHARE UPDATE EXCLUSIVE", When.BEFORE, GIVES_WAY),
                new TableLock(
                        table,
                        "ROW EXCLUSIVE",
                        When.MERGE,
                        "rows that differ are updated where they are, one batch at a time" + others),
                notCapturing(table, units));
    }

    private static TableLock capturing(String table, String again, int units) {
        return new TableLock(
                table,
                "SHARE ROW EXCLUSIVE",
                When.BEFORE,
                "capture starts" + again + ": its writers wait" + inTurn(units));
    }

    private static TableLock notCapturing(String table, int units) {
        return new TableLock(
                table,
                "ACCESS EXCLUSIVE",
                When.AFTER,
                "capture is taken off: its readers and writers wait" + inTurn(units));
    }

    private static String inTurn(int units) {
        return units > 1 ? "; the others in their turn" : "";
    }

    /**
     * The locks of all units, those of a swap in the order in which it takes them.
     *
     * @param first the first unit's definition, which stands for the others in all but foreign keys and parents
     */
    static List<TableLock> of(Connection connection, ShadowDefinition first, List<Leaf> units) throws SQLException {
        List<String> oids =
                units.stream().map(leaf -> String.valueOf(leaf.oid())).toList();
        List<TableLock> locks = new ArrayList<>(Query.of(connection, REFERENCED, oids)
                .list(row -> new TableLock(
                        row.getString(1),
                        "ACCESS EXCLUSIVE",
                        When.SWAP,
                        "foreign key " + row.getString(2) + others(row.getLong(3)))));
        boolean references = !locks.isEmpty();
        Set<String> named = new HashSet<>();
        locks.forEach(lock -> named.add(lock.table()));
        for (LockNeed need : first.locks()) {
            String others = others(need, first, units);
            // Nobody but Neap knows the shadow, which has no OID yet.
            if (need.oid() != 0 && named.add(need.relation())) {
                locks.add(new TableLock(need.relation(), need.mode(), When.SWAP, need.why() + others));
            }
        }
        return around(locks, first, references, units.size());
    }

    private static String others(long more) {
        return more == 0 ? "" : more == 1 ? " (and another)" : " (and %,d others)".formatted(more);
    }

    /** With what is locked before the swap, each by itself, and after it. */
    private static List<TableLock> around(List<TableLock> swap, ShadowDefinition first, boolean references, int units) {
        String live = first.name();
        List<TableLock> all = new ArrayList<>();
        String again = (references ? ", again before foreign keys are built" : "") + ", and for the last drain";
        all.add(capturing(live, again, units));
        for (TableLock lock : swap) {
            if (lock.why().startsWith("foreign key")) {
                String why = lock.why() + " is added to the shadow: its writers wait";
                all.add(new TableLock(lock.table(), "SHARE ROW EXCLUSIVE", When.BEFORE, why));
            }
        }
        first.defaultCheck().ifPresent(check -> all.add(unproven(check)));
        for (TableLock lock : swap) {
            all.add(new TableLock(lock.table(), "SHARE UPDATE EXCLUSIVE", When.BEFORE, GIVES_WAY));
        }
        all.addAll(swap);
        all.add(notCapturing(live, units));
        return all;
    }

    private static TableLock unproven(DefaultCheck check) {
        return new TableLock(
                check.table().sql(),
                "ACCESS EXCLUSIVE",
                When.BEFORE,
                "its CHECK is added, to be proven by a scan that stalls nobody: its readers and writers wait");
    }

    private static String others(LockNeed need, ShadowDefinition first, List<Leaf> units) {
        if (need.oid() == first.liveOid()) {
            return units.size() > 1 ? "; each of the other %,d in its turn".formatted(units.size() - 1) : "";
        }
        long parent = units.get(0).parent();
        long parents = units.stream().mapToLong(Leaf::parent).distinct().count();
        return need.oid() == parent && parents > 1
                ? "; for other partitions their own parent instead, of %,d in all, and its DEFAULT partition"
                        .formatted(parents)
                : "";
    }
}
