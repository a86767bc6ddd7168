package dev.neap.postgres.planning;

import dev.neap.backfill.PartitionRange;
import dev.neap.dialect.NeapException;
import dev.neap.plan.TableSketch;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
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
        Partitions partitions = new Partitions(connection);
        List<Leaf> children = partitions.children(table);
        List<Leaf> ordered = "range".equals(table.strategy()) && !table.expressionKey()
                ? partitions
                        .choose(table, children, new PartitionRange(null, null, PartitionRange.Order.OLDEST_FIRST))
                        .units()
                : List.of();
        return new TableSketch(
                table.name(),
                table.columns().stream()
                        .map(c -> new TableSketch.Column(c.name(), c.type(), c.generation() != null))
                        .toList(),
                key(table, children),
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

    private static @Nullable String edge(List<Bound.Edge> edges) {
        return edges.get(0).value();
    }

    private List<String> key(LiveTable table, List<Leaf> children) throws SQLException {
        Leaf itself = new Leaf(table.oid(), table.name(), table.kind(), "", false);
        Partitions partitions = new Partitions(connection);
        List<String> own = partitions.primaryKeys(List.of(itself)).get(table.oid());
        if (own != null) {
            return own;
        }
        // Each partition may have a key of its own where the table has none.
        return children.stream()
                .findFirst()
                .map(leaf -> List.of(leaf))
                .map(leaves -> {
                    try {
                        return partitions
                                .primaryKeys(leaves)
                                .getOrDefault(leaves.get(0).oid(), List.of());
                    } catch (SQLException e) {
                        throw ReadOnly.translated(e);
                    }
                })
                .orElse(List.of());
    }

    /** What can be rebuilt: a DEFAULT partition has no bound of its own, and stays as it is. */
    private static final String TREE = """
            WITH RECURSIVE tree AS (
                SELECT c.oid, c.relkind, c.reltuples, c.relpages FROM pg_class c WHERE c.oid = ?::oid
                UNION ALL
                SELECT c.oid, c.relkind, c.reltuples, c.relpages
                FROM tree t JOIN pg_inherits i ON i.inhparent = t.oid JOIN pg_class c ON c.oid = i.inhrelid
                WHERE NOT EXISTS (SELECT FROM pg_partitioned_table p WHERE p.partdefid = c.oid)
            )
            """;

    private int leafCount(LiveTable table) throws SQLException {
        String sql = TREE + "SELECT count(*) FROM tree WHERE relkind <> 'p' AND oid <> ?::oid";
        return (int) Query.of(connection, sql, table.oid(), table.oid()).number();
    }

    /** Rows by the density at the last ANALYZE; a partition that never had one counts as empty. */
    private long rows(LiveTable table) throws SQLException {
        String sql = TREE + """
                SELECT coalesce(sum(CASE WHEN reltuples > 0 AND relpages > 0 THEN reltuples / relpages
                    * (pg_relation_size(oid) / current_setting('block_size')::int) ELSE 0 END), 0)::bigint
                FROM tree WHERE relkind IN ('r', 'm')
                """;
        return Query.of(connection, sql, table.oid()).number();
    }
}
