package dev.neap.postgres.planning;

import dev.neap.dialect.NeapException;
import dev.neap.plan.TableSketch;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks at one table for `neap init`. */
final class Sketcher {
    private final Connection connection;

    Sketcher(Connection connection) {
        this.connection = connection;
    }

    TableSketch sketch(String typed) throws SQLException {
        LiveTable table = new TableFinder(connection).findAsTyped(typed);
        if (!table.kind().equals("p") && !table.kind().equals("r")) {
            throw new NeapException(
                    NeapException.Kind.USAGE,
                    table.name() + " is no table but an index, a view or the like; name a table.");
        }
        boolean partitioned = table.kind().equals("p");
        PartitionTree tree = partitioned ? PartitionTree.read(connection, table) : null;
        List<Leaf> leaves = tree == null ? List.of() : new Partitions(connection, table, tree).all();
        List<Leaf> ordered = tree == null ? List.of() : ranged(table, tree);
        return new TableSketch(
                table.name(),
                table.columns().stream()
                        .map(c -> new TableSketch.Column(c.name(), c.type(), c.generation() != null))
                        .toList(),
                key(table, leaves),
                table.strategy(),
                table.partitionKey(),
                leafCount(table),
                ordered.isEmpty()
                        ? null
                        : edge(Bound.parse(ordered.get(0).boundText()).lower()),
                ordered.isEmpty()
                        ? null
                        : edge(Bound.parse(ordered.get(ordered.size() - 1).boundText())
                                .upper()),
                rows(table));
    }

    /** The partitions whose bounds may be written as from and to: where the key has several columns, to would mean less. */
    private List<Leaf> ranged(LiveTable table, PartitionTree tree) throws SQLException {
        boolean plain =
                tree.root().strategy().equals("range") && tree.root().keys().size() == 1;
        return plain ? new Partitions(connection, table, tree).direct() : List.of();
    }

    private static @Nullable String edge(List<Bound.Edge> edges) {
        return edges.get(0).value();
    }

    /** Each partition may have a key of its own where the table has none. */
    private List<String> key(LiveTable table, List<Leaf> leaves) throws SQLException {
        List<Long> looked = new ArrayList<>(List.of(table.oid()));
        leaves.stream().limit(1).forEach(leaf -> looked.add(leaf.oid()));
        Map<Long, List<String>> keys = Partitions.keys(connection, looked);
        for (Long oid : looked) {
            if (keys.containsKey(oid)) {
                return keys.getOrDefault(oid, List.of());
            }
        }
        return List.of();
    }

    private static final String TREE = """
            WITH RECURSIVE tree AS (
                SELECT c.oid, c.relkind, c.reltuples, c.relpages FROM pg_class c WHERE c.oid = ?::oid
                UNION ALL
                SELECT c.oid, c.relkind, c.reltuples, c.relpages
                FROM tree t JOIN pg_inherits i ON i.inhparent = t.oid JOIN pg_class c ON c.oid = i.inhrelid
            )
            """;

    private int leafCount(LiveTable table) throws SQLException {
        String sql = TREE + "SELECT count(*) FROM tree WHERE relkind <> 'p' AND oid <> ?::oid";
        return (int) Query.of(connection, sql, table.oid(), table.oid()).number();
    }

    /** Rows by the density at the last ANALYZE; a partition that never had one counts as empty, if another had. */
    private long rows(LiveTable table) throws SQLException {
        String sql = TREE + """
                SELECT CASE WHEN known = 0 AND unknown THEN -1 ELSE known END FROM (
                    SELECT coalesce(sum(CASE WHEN reltuples > 0 AND relpages > 0 THEN reltuples / relpages
                               * (pg_relation_size(oid) / current_setting('block_size')::int) ELSE 0 END), 0)::bigint,
                           coalesce(bool_or(reltuples < 0 AND pg_relation_size(oid) > 0), false)
                    FROM tree WHERE relkind IN ('r', 'm')) AS counted (known, unknown)
                """;
        return Query.of(connection, sql, table.oid()).number();
    }
}
