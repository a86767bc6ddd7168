package dev.neap.postgres.planning;

import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.postgres.query.Query;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The partitions of one table, and which of them a backfill is about. A fixed number of statements for any number. */
final class Partitions {
    private final Connection connection;

    Partitions(Connection connection) {
        this.connection = connection;
    }

    /**
     * What a range chose.
     *
     * @param units wholly inside, in the order asked for
     * @param straddling partly inside, and so left out
     */
    record Choice(List<Leaf> units, List<Leaf> straddling) {}

    /** The direct children of a table, by name. */
    List<Leaf> children(LiveTable table) throws SQLException {
        return Query.of(connection, """
                        SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text,
                               pg_get_expr(c.relpartbound, c.oid), i.inhdetachpending
                        FROM pg_inherits i
                        JOIN pg_class c ON c.oid = i.inhrelid
                        JOIN pg_namespace n ON n.oid = c.relnamespace
                        WHERE i.inhparent = ?::oid
                        ORDER BY n.nspname, c.relname
                        """, table.oid())
                .list(row -> new Leaf(
                        row.getLong(1),
                        new TableName(row.getString(2), row.getString(3)),
                        row.getString(4),
                        row.getString(5) == null ? "" : row.getString(5),
                        row.getBoolean(6)));
    }

    /** The primary key of each of these partitions, by identity; a partition without one is missing. */
    Map<Long, List<String>> primaryKeys(List<Leaf> leaves) throws SQLException {
        Map<Long, List<String>> keys = new HashMap<>();
        Query.of(
                        connection,
                        """
                        SELECT x.indrelid::bigint, ARRAY(
                            SELECT a.attname FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(num, place)
                            JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.num
                            ORDER BY k.place)::text[]
                        FROM pg_index x WHERE x.indisprimary AND x.indrelid = ANY (?::oid[])
                        """,
                        leaves.stream().map(leaf -> String.valueOf(leaf.oid())).toList())
                .list(row -> keys.put(
                        row.getLong(1), List.of((String[]) row.getArray(2).getArray())));
        return keys;
    }

    /** Chooses by `from` and `to`, which are read in the key's own type. The default partition is never chosen. */
    Choice choose(LiveTable table, List<Leaf> children, PartitionRange range) throws SQLException {
        checkEdge(table, "from", range.from());
        checkEdge(table, "to", range.to());
        checkOrder(table, range);
        List<Leaf> bounded = children.stream().filter(leaf -> !leaf.isDefault()).toList();
        List<Placed> placed = place(table, bounded, range);
        List<Leaf> units =
                placed.stream().filter(Placed::inside).map(Placed::leaf).collect(Collectors.toList());
        if (range.order() == PartitionRange.Order.NEWEST_FIRST) {
            Collections.reverse(units);
        }
        List<Leaf> straddling = placed.stream()
                .filter(p -> p.touched && !p.inside)
                .map(Placed::leaf)
                .toList();
        return new Choice(units, straddling);
    }

    private record Placed(Leaf leaf, boolean inside, boolean touched) {}

    private List<Placed> place(LiveTable table, List<Leaf> leaves, PartitionRange range) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(placingSql(table, range))) {
            int index = 1;
            for (String edge : edges(range)) {
                statement.setString(index++, edge);
            }
            bindBounds(statement, index, table, leaves);
            List<Placed> placed = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    placed.add(new Placed(leaves.get(row.getInt(1)), row.getBoolean(2), row.getBoolean(3)));
                }
            }
            return placed;
        }
    }

    /** In the order in which {@link #placingSql} has its parameters. */
    private static List<String> edges(PartitionRange range) {
        List<String> edges = new ArrayList<>();
        for (int times = 0; times < 2; times++) {
            if (range.from() != null) {
                edges.add(range.from());
            }
            if (range.to() != null) {
                edges.add(range.to());
            }
        }
        return edges;
    }

    private void bindBounds(PreparedStatement statement, int first, LiveTable table, List<Leaf> leaves)
            throws SQLException {
        List<Bound> bounds =
                leaves.stream().map(leaf -> Bound.parse(leaf.boundText())).toList();
        int index = first;
        statement.setArray(
                index++, ints(IntStream.range(0, leaves.size()).boxed().toArray()));
        for (int k = 0; k < table.keys().size(); k++) {
            int key = k;
            List<Bound.Edge> lower =
                    bounds.stream().map(b -> b.lower().get(key)).toList();
            List<Bound.Edge> upper =
                    bounds.stream().map(b -> b.upper().get(key)).toList();
            for (List<Bound.Edge> side : List.of(lower, upper)) {
                statement.setArray(
                        index++, ints(side.stream().map(Bound.Edge::side).toArray()));
                statement.setArray(
                        index++,
                        connection.createArrayOf(
                                "text", side.stream().map(Bound.Edge::value).toArray()));
            }
        }
    }

    private Array ints(Object[] values) throws SQLException {
        return connection.createArrayOf("int4", values);
    }

    /** The server compares, since only it knows the type's order. */
    private static String placingSql(LiveTable table, PartitionRange range) {
        StringBuilder names = new StringBuilder("i");
        StringBuilder arrays = new StringBuilder("?::int[]");
        StringBuilder order = new StringBuilder();
        for (int k = 0; k < table.keys().size(); k++) {
            names.append(", ls%1$d, lv%1$d, us%1$d, uv%1$d".formatted(k));
            arrays.append(", ?::int[], ?::text[], ?::int[], ?::text[]");
            order.append(k == 0 ? "" : ", ");
            order.append("ls" + k + ", " + table.keys().get(k).cast("lv" + k));
        }
        return """
                SELECT i, %s AS inside, %s AS touched
                FROM unnest(%s) AS bounds(%s)
                ORDER BY %s
                """.formatted(inside(table, range), touched(table, range), arrays, names, order);
    }

    private static String inside(LiveTable table, PartitionRange range) {
        LiveTable.Key key = table.keys().get(0);
        String from = range.from() == null
                ? "true"
                : "(ls0 = 0 AND %s >= %s)".formatted(key.cast("lv0"), key.cast("?::text"));
        String to =
                range.to() == null ? "true" : "(us0 = 0 AND %s <= %s)".formatted(key.cast("uv0"), key.cast("?::text"));
        return from + " AND " + to;
    }

    private static String touched(LiveTable table, PartitionRange range) {
        LiveTable.Key key = table.keys().get(0);
        String from = range.from() == null
                ? "true"
                : "(us0 = 1 OR us0 = 0 AND %s > %s)".formatted(key.cast("uv0"), key.cast("?::text"));
        String to = range.to() == null
                ? "true"
                : "(ls0 = -1 OR ls0 = 0 AND %s < %s)".formatted(key.cast("lv0"), key.cast("?::text"));
        return from + " AND " + to;
    }

    private void checkEdge(LiveTable table, String name, @Nullable String value) throws SQLException {
        if (value == null) {
            return;
        }
        if (table.keys().size() != 1) {
            throw usage("rebuild.partitions.%s works with a partition key of one column, and %s is partitioned by %s;"
                            .formatted(name, table.name(), table.partitionKey())
                    + " leave from and to out to rebuild all its partitions.");
        }
        LiveTable.Key key = table.keys().get(0);
        Savepoint before = connection.setSavepoint();
        try {
            Query.of(connection, "SELECT " + key.cast("?::text") + " IS NULL", value)
                    .truth();
        } catch (SQLException e) {
            connection.rollback(before);
            throw new NeapException(
                    NeapException.Kind.USAGE,
                    "rebuild.partitions.%s: \"%s\" is no %s, which is the type of %s's partition key %s; write a value of"
                                    .formatted(name, value, key.type(), table.name(), key.column())
                            + " that type.",
                    e);
        }
    }

    private void checkOrder(LiveTable table, PartitionRange range) throws SQLException {
        if (range.from() == null || range.to() == null) {
            return;
        }
        LiveTable.Key key = table.keys().get(0);
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
