package dev.neap.postgres.planning;

import dev.neap.backfill.PartitionRange;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Puts partitions with a bound in the order of their bounds, and compares them with a range. The server compares, since
 * only it knows the type's order; one statement does for any number of partitions of tables with like keys.
 */
final class Placing {
    private final Connection connection;
    private final Branch like;
    private final PartitionRange range;

    /**
     * @param like one of the tables, which has the keys of all
     * @param range compared with the key's first column
     */
    Placing(Connection connection, Branch like, PartitionRange range) {
        this.connection = connection;
        this.like = like;
        this.range = range;
    }

    /**
     * Where a partition is.
     *
     * @param inside whether it lies wholly in the range
     * @param touched whether some of it lies in the range
     */
    record Placed(Leaf leaf, boolean inside, boolean touched) {
        private Placed and(Placed other) {
            return new Placed(leaf, inside && other.inside, touched || other.touched);
        }
    }

    /** The lowest first. None of them is a DEFAULT partition. */
    List<Placed> place(List<Leaf> leaves) throws SQLException {
        List<Entry> entries = entries(leaves);
        try (PreparedStatement statement = connection.prepareStatement(sql())) {
            statement.setString(1, range.from());
            statement.setString(2, range.to());
            bind(statement, 3, entries);
            Map<Integer, Placed> placed = new LinkedHashMap<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    int at = row.getInt(1);
                    placed.merge(at, new Placed(leaves.get(at), row.getBoolean(2), row.getBoolean(3)), Placed::and);
                }
            }
            return List.copyOf(placed.values());
        }
    }

    /** A pair of edges to compare: a RANGE partition has one, a LIST partition one for each of its values. */
    private record Entry(int leaf, List<Bound.Edge> lower, List<Bound.Edge> upper) {}

    private List<Entry> entries(List<Leaf> leaves) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < leaves.size(); i++) {
            Bound bound = Bound.parse(leaves.get(i).boundText());
            if (isRange()) {
                entries.add(new Entry(i, bound.lower(), bound.upper()));
            } else {
                for (Bound.Edge value : bound.lower()) {
                    entries.add(new Entry(i, List.of(value), List.of(value)));
                }
            }
        }
        return entries;
    }

    private boolean isRange() {
        return like.strategy().equals("range");
    }

    private int columns() {
        return isRange() ? like.keys().size() : 1;
    }

    private void bind(PreparedStatement statement, int first, List<Entry> entries) throws SQLException {
        int index = first;
        statement.setArray(index++, ints(entries.stream().map(Entry::leaf).toArray()));
        for (int k = 0; k < columns(); k++) {
            int key = k;
            List<Bound.Edge> lower =
                    entries.stream().map(e -> e.lower().get(key)).toList();
            List<Bound.Edge> upper =
                    entries.stream().map(e -> e.upper().get(key)).toList();
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

    private String sql() {
        String arrays = IntStream.range(0, columns())
                .mapToObj(k -> ", ?::int[], ?::text[], ?::int[], ?::text[]")
                .reduce("?::int[]", String::concat);
        String names = IntStream.range(0, columns())
                .mapToObj(k -> ", ls%1$d, lv%1$d, us%1$d, uv%1$d".formatted(k))
                .reduce("i", String::concat);
        String order = IntStream.range(0, columns())
                .mapToObj(k -> "ls" + k + ", " + like.keys().get(k).cast("lv" + k) + ", ")
                .reduce("", String::concat);
        return "SELECT i, coalesce(" + inside() + ", false), coalesce(" + touched()
                + ", false)\nFROM (SELECT ?::text AS lowest, ?::text AS highest) AS asked, unnest(" + arrays
                + ") AS bounds(" + names + ")\nORDER BY " + order + "i";
    }

    private String inside() {
        String from = range.from() == null ? "true" : "ls0 = 0 AND " + compare("lv0", ">=", "lowest");
        return from + " AND " + (range.to() == null ? "true" : "us0 = 0 AND (" + notAfter() + ")");
    }

    /** Below an upper edge of several columns there are rows that have its first value, unless the next is MINVALUE. */
    private String notAfter() {
        if (!isRange()) {
            return compare("uv0", "<", "highest");
        }
        return columns() == 1
                ? compare("uv0", "<=", "highest")
                : compare("uv0", "<", "highest") + " OR us1 = -1 AND " + compare("uv0", "=", "highest");
    }

    private String touched() {
        String after = isRange() && columns() == 1 ? ">" : ">=";
        String from =
                range.from() == null ? "true" : "(us0 = 1 OR us0 = 0 AND " + compare("uv0", after, "lowest") + ")";
        String to = range.to() == null ? "true" : "(ls0 = -1 OR ls0 = 0 AND " + compare("lv0", "<", "highest") + ")";
        return from + " AND " + to;
    }

    private String compare(String edge, String operator, String asked) {
        Branch.Key key = like.keys().get(0);
        return key.cast(edge) + " " + operator + " " + key.cast("asked." + asked);
    }
}
