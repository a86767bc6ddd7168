package dev.neap.postgres.planning;

import dev.neap.backfill.TableName;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A partitioned table with everything under it, however deep.
 *
 * @param root the table that the file names
 * @param branches each partitioned table of it, by its identity
 * @param children the direct partitions of each branch, by its identity, by name
 */
record PartitionTree(Branch root, Map<Long, Branch> branches, Map<Long, List<Leaf>> children) {
    private static final int MOST_REPRESENTATIVES = 20;

    /** A bound names no columns, so its table need not be opened, which would take longer than all else here. */
    private static final String PARTITIONS = """
            WITH RECURSIVE tree AS (
                SELECT inhrelid, inhparent, inhdetachpending FROM pg_inherits WHERE inhparent = ?::oid
                UNION ALL
                SELECT i.inhrelid, i.inhparent, i.inhdetachpending FROM tree t JOIN pg_inherits i ON i.inhparent = t.inhrelid
            )
            SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text, coalesce(pg_get_expr(c.relpartbound, 0), ''),
                   t.inhdetachpending, t.inhparent::bigint
            FROM tree t
            JOIN pg_class c ON c.oid = t.inhrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            ORDER BY n.nspname, c.relname
            """;

    private static final String KEYS = """
            SELECT p.partrelid::bigint, CASE p.partstrat WHEN 'r' THEN 'range' WHEN 'l' THEN 'list' ELSE 'hash' END,
                   a.attname, format_type(a.atttypid, a.atttypmod),
                   CASE WHEN l.oid IS NOT NULL THEN quote_ident(ln.nspname) || '.' || quote_ident(l.collname) END,
                   pg_get_expr(p.partexprs, p.partrelid),
                   quote_ident(n.nspname) || '.' || quote_ident(c.relname)
            FROM pg_partitioned_table p
            JOIN pg_class c ON c.oid = p.partrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN LATERAL generate_series(0, p.partnatts - 1) AS k(i)
            LEFT JOIN LATERAL (
                SELECT a.attname, a.atttypid, a.atttypmod FROM pg_attribute a
                WHERE a.attrelid = p.partrelid AND a.attnum = p.partattrs[k.i] AND a.attnum > 0 OFFSET 0) AS a ON true
            LEFT JOIN pg_collation l ON l.oid = p.partcollation[k.i]
            LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
            WHERE p.partrelid = ANY (?::oid[])
            ORDER BY p.partrelid, k.i
            """;
    /** A partition key has no object of its own: its columns depend on the table itself. */
    private static final String KEY_COLUMNS = """
            SELECT DISTINCT a.attname FROM pg_depend d
            JOIN pg_attribute a ON a.attrelid = d.objid AND a.attnum = d.objsubid
            WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = d.objid
              AND d.objsubid > 0 AND d.refobjsubid = 0 AND d.deptype = 'i' AND d.objid = ANY (?::oid[])
            """;

    /** Reads it in two statements, and one more for each different key that holds an expression. */
    static PartitionTree read(Connection connection, LiveTable table) throws SQLException {
        List<Leaf> all = Query.of(connection, PARTITIONS, table.oid())
                .list(row -> new Leaf(
                        row.getLong(1),
                        new TableName(row.getString(2), row.getString(3)),
                        row.getString(4),
                        row.getString(5),
                        row.getBoolean(6),
                        row.getLong(7)));
        List<String> oids = Stream.concat(
                        Stream.of(table.oid()),
                        all.stream().filter(Leaf::isBranch).map(Leaf::oid))
                .map(String::valueOf)
                .toList();
        Map<Long, Branch> branches = branches(connection, oids);
        Map<Long, List<Leaf>> children = new HashMap<>();
        all.forEach(leaf -> children.computeIfAbsent(leaf.parent(), oid -> new ArrayList<>())
                .add(leaf));
        return new PartitionTree(Objects.requireNonNull(branches.get(table.oid())), branches, children);
    }

    private record KeyRow(
            long table,
            String strategy,
            @Nullable String column,
            @Nullable String type,
            @Nullable String collation,
            @Nullable String expressions,
            String name) {
        static KeyRow of(ResultSet row) throws SQLException {
            return new KeyRow(
                    row.getLong(1),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5),
                    row.getString(6),
                    row.getString(7));
        }
    }

    private static Map<Long, Branch> branches(Connection connection, List<String> oids) throws SQLException {
        Map<Long, Branch> branches = new LinkedHashMap<>();
        Map<String, List<String>> types = new HashMap<>();
        int expression = 0;
        for (KeyRow row : Query.of(connection, KEYS, oids).list(KeyRow::of)) {
            Branch branch = branches.get(row.table());
            if (branch == null) {
                branch = new Branch(row.table(), row.strategy(), new ArrayList<>());
                branches.put(row.table(), branch);
                expression = 0;
            }
            String type = row.type();
            String column = row.column();
            if (type == null || column == null) {
                String expressions = String.valueOf(row.expressions());
                if (!types.containsKey(expressions)) {
                    types.put(expressions, types(connection, expressions, row.name()));
                }
                type = Objects.requireNonNull(types.get(expressions)).get(expression++);
                column = expressions;
            }
            branch.keys().add(new Branch.Key(column, type, row.collation()));
        }
        return branches;
    }

    /** The types of a key's expressions. The columns are the same in the whole tree, so the words decide. */
    private static List<String> types(Connection connection, String expressions, String table) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT " + escaped(expressions) + " FROM ONLY " + escaped(table) + " LIMIT 0")) {
            ResultSetMetaData shape = statement.getMetaData();
            List<String> types = new ArrayList<>();
            for (int i = 1; i <= shape.getColumnCount(); i++) {
                types.add(shape.getColumnTypeName(i));
            }
            return types;
        }
    }

    /** The driver would read a ? as a parameter. */
    private static String escaped(String sql) {
        return sql.replace("?", "??");
    }

    List<Leaf> childrenOf(long branch) {
        return children.getOrDefault(branch, List.of());
    }

    /** The table itself, and what lies between it and these. */
    Set<Long> above(List<Leaf> units) {
        Map<Long, Long> parents = new HashMap<>();
        children.forEach((parent, leaves) ->
                leaves.stream().filter(Leaf::isBranch).forEach(branch -> parents.put(branch.oid(), parent)));
        Set<Long> above = new TreeSet<>();
        above.add(root.oid());
        for (Leaf unit : units) {
            Long parent = unit.parent();
            while (parent != null && above.add(parent)) {
                parent = parents.get(parent);
            }
        }
        return above;
    }

    /** Some of the units, the first of them first, that stand for all: of each kind of parent one, and a DEFAULT one. */
    List<Leaf> representatives(List<Leaf> units) {
        Map<String, Leaf> kinds = new LinkedHashMap<>();
        for (int place : SampleCheck.spread(units.size())) {
            kinds.put("place " + place, units.get(place));
        }
        for (Leaf unit : units) {
            String kind = Objects.requireNonNull(branches.get(unit.parent())).likeness() + unit.isDefault();
            if (kinds.size() < MOST_REPRESENTATIVES) {
                kinds.putIfAbsent(kind, unit);
            }
        }
        return kinds.values().stream().distinct().toList();
    }

    /** Partitions, at any level, with an unfinished `DETACH … CONCURRENTLY`. */
    List<Leaf> detaching() {
        return children.values().stream()
                .flatMap(List::stream)
                .filter(Leaf::detaching)
                .toList();
    }

    /** The columns that decide, at any level, in which partition a row lies. */
    Set<String> keyColumns(Connection connection) throws SQLException {
        List<String> oids = branches.keySet().stream().map(String::valueOf).toList();
        return new TreeSet<>(Query.of(connection, KEY_COLUMNS, oids).texts());
    }
}
