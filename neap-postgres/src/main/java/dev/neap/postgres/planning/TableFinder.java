package dev.neap.postgres.planning;

import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds a table in the catalog, and says what is near when it is not there. */
public final class TableFinder {
    private final Connection connection;

    public TableFinder(Connection connection) {
        this.connection = connection;
    }

    /** The table with exactly this schema and name. */
    public LiveTable find(TableName name) throws SQLException {
        return byOid(oid(name).orElseThrow(() -> missing(name.toString(), name.name())));
    }

    /** The table that a person means: unquoted names fold, and are looked up along the search path. */
    LiveTable findAsTyped(String typed) throws SQLException {
        long oid;
        try {
            oid = Query.of(connection, "SELECT coalesce(to_regclass(?)::oid, 0)::bigint", typed)
                    .number();
        } catch (SQLException e) {
            throw new NeapException(
                    NeapException.Kind.USAGE,
                    "\"" + typed + "\" is no table name; write name or schema.name, with double quotes around a part"
                            + " that has capitals, dots or spaces.",
                    e);
        }
        if (oid == 0) {
            throw missing(typed, typed.substring(typed.lastIndexOf('.') + 1).replace("\"", ""));
        }
        return byOid(oid);
    }

    private Optional<Long> oid(TableName name) throws SQLException {
        return Query.of(connection, """
                        SELECT c.oid::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        WHERE n.nspname = ? AND c.relname = ?
                        """, name.schema(), name.name()).first(row -> row.getLong(1));
    }

    private NeapException missing(String wanted, String bareName) {
        String near = "";
        try {
            List<String> names = Query.of(connection, """
                            SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
                              AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'neap')
                            ORDER BY (c.relkind = 'p') DESC, c.relname LIMIT 5000
                            """).texts();
            near = Nearest.to(bareName, names)
                    .map(this::located)
                    .map(name -> "; did you mean " + name + "?")
                    .orElse("");
        } catch (SQLException ignored) {
            // Without a suggestion the message still says what is missing.
        }
        String advice = near.isEmpty() ? "; check the name, its schema and the database." : near;
        return new NeapException(NeapException.Kind.USAGE, "There is no table " + wanted + " here" + advice);
    }

    private String located(String name) {
        try {
            return Query.of(connection, """
                            SELECT n.nspname || '.' || c.relname FROM pg_class c
                            JOIN pg_namespace n ON n.oid = c.relnamespace
                            WHERE c.relname = ? AND c.relkind IN ('r', 'p') ORDER BY 1 LIMIT 1
                            """, name).text();
        } catch (SQLException e) {
            return name;
        }
    }

    private LiveTable byOid(long oid) throws SQLException {
        Head head = Query.of(connection, """
                        SELECT n.nspname, c.relname, c.relkind::text,
                               CASE p.partstrat WHEN 'r' THEN 'range' WHEN 'l' THEN 'list' WHEN 'h' THEN 'hash' END,
                               coalesce(pg_get_partkeydef(c.oid), '')
                        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
                        WHERE c.oid = ?::oid
                        """, oid).list(Head::of).get(0);
        return new LiveTable(oid, head.name, head.kind, head.strategy, head.key, columns(oid));
    }

    private List<LiveTable.Column> columns(long oid) throws SQLException {
        return Query.of(connection, """
                        SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.atttypmod, a.attnotnull,
                               CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END
                        FROM pg_attribute a
                        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                        WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped
                        ORDER BY a.attnum
                        """, oid)
                .list(row -> new LiveTable.Column(
                        row.getString(1), row.getString(2), row.getInt(3), row.getBoolean(4), row.getString(5)));
    }

    private record Head(
            TableName name, String kind, @Nullable String strategy, String key) {
        static Head of(ResultSet row) throws SQLException {
            return new Head(
                    new TableName(row.getString(1), row.getString(2)),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5));
        }
    }
}
