package dev.neap.mysql.fill;

import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.mysql.query.Names;
import dev.neap.mysql.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A table as the catalog has it.
 *
 * @param rows about how many, by the server's statistics
 * @param bytes of its rows
 * @param unique its unique indexes that hold for every row, the primary key first
 */
record LiveTable(
        TableName name, String engine, long rows, long bytes, List<LiveColumn> columns, List<UniqueIndex> unique) {
    /** A unique index over whole columns. */
    record UniqueIndex(String name, List<LiveColumn> columns) {
        boolean notNull() {
            return columns.stream().noneMatch(LiveColumn::nullable);
        }

        List<String> names() {
            return columns.stream().map(LiveColumn::name).toList();
        }
    }

    /** A name as the file has it: without a database, it is in that of the connection. */
    static TableName resolve(Connection connection, TableName written) throws SQLException {
        return written.schema().equals(TableName.DEFAULT_SCHEMA)
                ? new TableName(Query.texts(connection, "SELECT database()").get(0), written.name())
                : written;
    }

    /** @throws NeapException USAGE when there is no such table */
    static LiveTable read(Connection connection, TableName name) throws SQLException {
        String here =
                "table_schema = " + Names.literal(name.schema()) + " AND table_name = " + Names.literal(name.name());
        record Head(String type, String engine, long rows, long bytes) {}
        Head head = Query.first(
                        connection,
                        "SELECT table_type, coalesce(engine, ''), coalesce(table_rows, 0), coalesce(data_length, 0)"
                                + " FROM information_schema.tables WHERE " + here,
                        r -> new Head(r.getString(1), r.getString(2), r.getLong(3), r.getLong(4)))
                .orElseThrow(() -> usage("there is no table " + name));
        if (!head.type().equals("BASE TABLE")) {
            throw usage(name + " is no table; a fill walks and writes tables");
        }
        List<LiveColumn> columns = Query.list(
                connection,
                "SELECT column_name, column_type, data_type, coalesce(character_set_name, ''),"
                        + " coalesce(collation_name, ''), is_nullable = 'YES', coalesce(column_default, 'NULL') <> 'NULL', extra"
                        + " FROM information_schema.columns WHERE " + here + " ORDER BY ordinal_position",
                r -> new LiveColumn(
                        r.getString(1),
                        r.getString(2),
                        r.getString(3).toLowerCase(Locale.ROOT),
                        r.getString(4),
                        r.getString(5),
                        r.getBoolean(6),
                        r.getBoolean(7),
                        r.getString(8).toLowerCase(Locale.ROOT)));
        return new LiveTable(
                name, head.engine(), head.rows(), head.bytes(), columns, unique(connection, here, columns));
    }

    private static List<UniqueIndex> unique(Connection connection, String here, List<LiveColumn> columns)
            throws SQLException {
        record Part(String index, String column, boolean whole) {}
        List<UniqueIndex> indexes = new ArrayList<>();
        String current = "";
        List<Part> parts = Query.list(
                connection,
                "SELECT index_name, column_name, sub_part IS NULL AND index_type = 'BTREE'"
                        + " FROM information_schema.statistics WHERE non_unique = 0 AND " + here
                        + " ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index",
                r -> new Part(r.getString(1), r.getString(2), r.getBoolean(3)));
        for (Part part : parts) {
            if (!part.index().equals(current)) {
                indexes.add(new UniqueIndex(part.index(), new ArrayList<>()));
                current = part.index();
            }
            indexes.get(indexes.size() - 1)
                    .columns()
                    .add(columns.stream()
                            .filter(c -> c.name().equals(part.column()))
                            .findFirst()
                            .orElseThrow());
        }
        indexes.removeIf(index -> parts.stream().anyMatch(part -> part.index().equals(index.name()) && !part.whole()));
        return indexes;
    }

    /** Assignments that keep what an UPDATE would stamp though nobody sets it; each begins with a comma. */
    String keeping(Set<String> set, String alias) {
        return columns.stream()
                .filter(c -> c.stamped() && !set.contains(c.name()))
                .map(c -> ", " + alias + "." + c.quoted() + " = " + alias + "." + c.quoted())
                .collect(Collectors.joining());
    }

    Optional<LiveColumn> column(String wanted) {
        return columns.stream().filter(c -> c.name().equalsIgnoreCase(wanted)).findFirst();
    }

    private static NeapException usage(String message) {
        return new NeapException(Kind.USAGE, message);
    }
}
