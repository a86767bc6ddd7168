package dev.neap.postgres.rehearse;

import dev.neap.backfill.TableName;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads tables from the source's catalog. The search path must be empty, so that every name comes with its schema. */
final class SourceTables {
    private static final String COLUMNS = """
            SELECT a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),
                   CASE WHEN a.attcollation <> t.typcollation THEN
                       (SELECT quote_ident(n.nspname) || '.' || quote_ident(o.collname) FROM pg_collation o
                        JOIN pg_namespace n ON n.oid = o.collnamespace WHERE o.oid = a.attcollation) END,
                   a.attnotnull OR t.typnotnull, pg_get_expr(d.adbin, d.adrelid), a.attgenerated::text,
                   a.attidentity::text, b.typname, b.typcategory::text,
                   (SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = b.oid ORDER BY e.enumsortorder LIMIT 1),
                   a.atttypmod
            FROM pg_attribute a
            JOIN pg_type t ON t.oid = a.atttypid
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            CROSS JOIN LATERAL (
                WITH RECURSIVE down(oid, base) AS (
                    SELECT t.oid, t.typbasetype
                    UNION ALL
                    SELECT y.oid, y.typbasetype FROM down JOIN pg_type y ON y.oid = down.base WHERE down.base <> 0)
                SELECT y.* FROM down JOIN pg_type y ON y.oid = down.oid WHERE down.base = 0) AS b
            WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum""";

    private final Connection connection;

    SourceTables(Connection connection) {
        this.connection = connection;
    }

    /** The table and those of its partitions that hold, or lie above, the wanted leaves; parents first. */
    List<CopiedTable> tree(TableName root, Set<TableName> leaves) throws SQLException {
        long oid = oid(root);
        List<Node> nodes = Query.of(connection, """
                        SELECT p.relid::oid::bigint, coalesce(p.parentrelid::oid::bigint, 0), p.level, n.nspname, c.relname
                        FROM pg_partition_tree(?::oid::regclass) p
                        JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace
                        ORDER BY p.level DESC, 4, 5
                        """, oid)
                .list(row -> new Node(
                        row.getLong(1),
                        row.getLong(2),
                        row.getInt(3),
                        new TableName(row.getString(4), row.getString(5))));
        Set<Long> wanted = new java.util.HashSet<>(Set.of(oid));
        for (Node node : nodes) {
            if (leaves.contains(node.name) || wanted.contains(node.oid)) {
                wanted.add(node.oid);
                wanted.add(node.parent);
            }
        }
        List<CopiedTable> tables = new java.util.ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (wanted.contains(node.oid)) {
                TableName parent = node.oid == oid ? null : name(nodes, node.parent);
                tables.add(read(node.oid, parent, true));
            }
        }
        return tables;
    }

    private record Node(long oid, long parent, int level, TableName name) {}

    private static TableName name(List<Node> nodes, long oid) {
        return nodes.stream().filter(each -> each.oid == oid).findFirst().orElseThrow().name;
    }

    /** Another table, as a plain one even where it is partitioned. */
    CopiedTable plain(long oid) throws SQLException {
        return read(oid, null, false);
    }

    /** The identity of a table. */
    long oid(TableName name) throws SQLException {
        return Query.of(connection, "SELECT ?::regclass::oid::bigint", Names.quote(name))
                .number();
    }

    private CopiedTable read(long oid, @Nullable TableName parent, boolean partitioned) throws SQLException {
        List<CopiedTable.Column> columns = Query.of(connection, COLUMNS, oid).list(SourceTables::column);
        return Query.of(connection, """
                        SELECT n.nspname, c.relname, c.relpersistence = 'u' AND c.relkind = 'r',
                               CASE WHEN c.relkind = 'p' AND ? THEN pg_get_partkeydef(c.oid) END,
                               pg_get_expr(c.relpartbound, c.oid)
                        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ?::oid
                        """, partitioned, oid)
                .list(row -> new CopiedTable(
                        oid,
                        new TableName(row.getString(1), row.getString(2)),
                        row.getBoolean(3),
                        row.getString(4),
                        parent,
                        parent == null ? null : row.getString(5),
                        columns))
                .get(0);
    }

    private static CopiedTable.Column column(ResultSet row) throws SQLException {
        String type = row.getString(3);
        return new CopiedTable.Column(
                row.getInt(1),
                row.getString(2),
                type,
                row.getString(4),
                row.getBoolean(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                MadeUp.value(row.getString(9), row.getString(10), row.getString(11), row.getInt(12), type));
    }
}
