package dev.neap.postgres.planning;

import dev.neap.backfill.PartitionRange;
import dev.neap.dialect.NeapException;
import dev.neap.postgres.planning.Placing.Placed;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.RowKey;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which partitions of a table a backfill is about, and in which order. A range is about the first column of the table's
 * own key; whatever lies under a chosen partition is chosen with it. The order holds at each level.
 */
final class Partitions {
    private static final PartitionRange ALL = new PartitionRange(null, null, PartitionRange.Order.OLDEST_FIRST);

    private final Connection connection;
    private final LiveTable table;
    private final PartitionTree tree;

    Partitions(Connection connection, LiveTable table, PartitionTree tree) {
        this.connection = connection;
        this.table = table;
        this.tree = tree;
    }

    /**
     * What a range chose.
     *
     * @param units the partitions that hold rows, in the order asked for; none that is partitioned again
     * @param straddling direct partitions that are partly inside, and so left out
     * @param leftOut the table's own DEFAULT partition where a range left it out, else null
     */
    record Choice(
            List<Leaf> units,
            List<Leaf> straddling,
            @Nullable Leaf leftOut) {}

    /** The columns of the key of each of these partitions, by identity; a partition without one is missing. */
    Map<Long, List<String>> keys(List<Leaf> leaves) throws SQLException {
        return keys(connection, leaves.stream().map(Leaf::oid).toList());
    }

    static Map<Long, List<String>> keys(Connection connection, List<Long> tables) throws SQLException {
        Map<Long, Long> indexes = new HashMap<>();
        Query.of(
                        connection,
                        RowKey.INDEXES,
                        tables.stream().map(String::valueOf).toList())
                .list(row -> indexes.put(row.getLong(1), row.getLong(2)));
        Map<Long, List<String>> columns = new HashMap<>();
        Query.of(
                        connection,
                        RowKey.COLUMNS_OF_INDEXES,
                        indexes.values().stream()
                                .distinct()
                                .map(String::valueOf)
                                .toList())
                .list(row -> columns.computeIfAbsent(row.getLong(1), oid -> new ArrayList<>())
                        .add(row.getString(2)));
        Map<Long, List<String>> keys = new HashMap<>();
        indexes.forEach((table, index) -> keys.put(table, Objects.requireNonNull(columns.get(index))));
        return keys;
    }

    /** Which of these partitions have foreign keys. */
    Set<Long> referencing(List<Leaf> leaves) throws SQLException {
        return new HashSet<>(Query.of(
                        connection,
                        "SELECT DISTINCT conrelid::bigint FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY (?::oid[])",
                        leaves.stream().map(leaf -> String.valueOf(leaf.oid())).toList())
                .list(row -> row.getLong(1)));
    }

    /** Chooses by `from` and `to`, which are read in the key's own type. DEFAULT partitions come last. */
    Choice choose(PartitionRange range) throws SQLException {
        boolean everything = range.from() == null && range.to() == null;
        if (!everything) {
            checkOrdered(range);
            checkEdge("from", range.from());
            checkEdge("to", range.to());
            checkOrder(range);
        }
        Map<Long, List<Placed>> placed = place(range);
        List<Placed> direct = placed.getOrDefault(table.oid(), List.of());
        List<Leaf> units = new ArrayList<>();
        for (Leaf child : inOrder(table.oid(), placed, range)) {
            boolean chosen =
                    everything || direct.stream().anyMatch(p -> p.leaf().equals(child) && p.inside());
            if (chosen) {
                addLeaves(child, placed, range, units);
            }
        }
        List<Leaf> straddling = direct.stream()
                .filter(p -> p.touched() && !p.inside())
                .map(Placed::leaf)
                .toList();
        Leaf leftOut = everything ? null : defaultOf(table.oid());
        return new Choice(units, straddling, leftOut);
    }

    /** The table's own partitions that have a bound, the lowest first. */
    List<Leaf> direct() throws SQLException {
        return place(ALL).getOrDefault(table.oid(), List.of()).stream()
                .map(Placed::leaf)
                .toList();
    }

    /** Everything, the lowest first. */
    List<Leaf> all() throws SQLException {
        return choose(ALL).units();
    }

    private void addLeaves(Leaf leaf, Map<Long, List<Placed>> placed, PartitionRange range, List<Leaf> units) {
        if (!leaf.isBranch()) {
            units.add(leaf);
            return;
        }
        for (Leaf child : inOrder(leaf.oid(), placed, range)) {
            addLeaves(child, placed, range, units);
        }
    }

    /** HASH partitions have no order but their remainders'. */
    private List<Leaf> inOrder(long branch, Map<Long, List<Placed>> placed, PartitionRange range) {
        List<Leaf> ordered = new ArrayList<>();
        placed.getOrDefault(branch, List.of()).forEach(p -> ordered.add(p.leaf()));
        boolean hash = Objects.requireNonNull(tree.branches().get(branch)).isHash();
        if (range.order() == PartitionRange.Order.NEWEST_FIRST && !hash) {
            Collections.reverse(ordered);
        }
        Leaf rest = defaultOf(branch);
        if (rest != null) {
            ordered.add(rest);
        }
        return ordered;
    }

    private @Nullable Leaf defaultOf(long branch) {
        return tree.childrenOf(branch).stream()
                .filter(Leaf::isDefault)
                .findFirst()
                .orElse(null);
    }

    /** The partitions with a bound of every branch, the lowest first; compared together where their keys are alike. */
    private Map<Long, List<Placed>> place(PartitionRange range) throws SQLException {
        Map<String, List<Branch>> alike = new LinkedHashMap<>();
        for (Branch branch : tree.branches().values()) {
            String group = branch.oid() == table.oid() ? "" : branch.likeness();
            alike.computeIfAbsent(group, words -> new ArrayList<>()).add(branch);
        }
        Map<Long, List<Placed>> placed = new HashMap<>();
        for (Map.Entry<String, List<Branch>> group : alike.entrySet()) {
            List<Leaf> bounded = group.getValue().stream()
                    .flatMap(branch -> tree.childrenOf(branch.oid()).stream())
                    .filter(leaf -> !leaf.isDefault())
                    .toList();
            // The range is about the table's own key, which nobody else is grouped with.
            PartitionRange asked = group.getKey().isEmpty() ? range : ALL;
            for (Placed one : placedAlike(group.getValue().get(0), asked, bounded)) {
                placed.computeIfAbsent(one.leaf().parent(), oid -> new ArrayList<>())
                        .add(one);
            }
        }
        return placed;
    }

    private List<Placed> placedAlike(Branch like, PartitionRange range, List<Leaf> leaves) throws SQLException {
        if (!like.isHash()) {
            return new Placing(connection, like, range).place(leaves);
        }
        return leaves.stream()
                .sorted(Comparator.comparingInt(Partitions::remainder))
                .map(leaf -> new Placed(leaf, true, true))
                .toList();
    }

    private static int remainder(Leaf leaf) {
        return Integer.parseInt(
                String.valueOf(Bound.parse(leaf.boundText()).lower().get(0).value()));
    }

    private void checkOrdered(PartitionRange range) {
        if (tree.root().isHash()) {
            throw usage(
                    "rebuild.partitions.%s: %s is partitioned by %s, and HASH partitions have no order that a range could mean; leave from and to out to rebuild all of them."
                            .formatted(range.from() == null ? "to" : "from", table.name(), table.partitionKey()));
        }
    }

    private void checkEdge(String name, @Nullable String value) throws SQLException {
        if (value == null) {
            return;
        }
        Branch.Key key = tree.root().keys().get(0);
        Savepoint before = connection.setSavepoint();
        try {
            Query.of(connection, "SELECT " + key.cast("?::text") + " IS NULL", value)
                    .truth();
        } catch (SQLException e) {
            connection.rollback(before);
            throw new NeapException(
                    NeapException.Kind.USAGE,
                    "rebuild.partitions.%s: \"%s\" is no %s, which is the type of %s's partition key %s; write a value of"
                                    .formatted(name, value, key.type(), table.name(), key.sql())
                            + " that type.",
                    e);
        }
    }

    private void checkOrder(PartitionRange range) throws SQLException {
        if (range.from() == null || range.to() == null) {
            return;
        }
        Branch.Key key = tree.root().keys().get(0);
        String inverted = "SELECT " + key.cast("?::text") + " >= " + key.cast("?::text");
        if (Query.of(connection, inverted, range.from(), range.to()).truth()) {
            throw usage("rebuild.partitions: from (%s) is not before to (%s); exchange them or widen the range."
                    .formatted(range.from(), range.to()));
        }
    }

    private static NeapException usage(String message) {
        return new NeapException(NeapException.Kind.USAGE, message);
    }
}
