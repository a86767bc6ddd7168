package dev.neap.postgres.preview;

import dev.neap.backfill.Nearest;
import dev.neap.backfill.Rebuild;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.query.Query;
import dev.neap.preview.PreviewRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The columns that are compared: those that are set, in the file's order, and generated ones, which may follow; where rows
 * come from other tables, all of them.
 *
 * @param columns at least one
 * @param key the columns of the primary key, or of the key by which rows are paired; empty where there is none
 * @param keyHidden of the key's columns, which are hidden
 * @param hidden every hidden column of the table, in its order
 */
record Measured(List<Column> columns, List<String> key, List<Boolean> keyHidden, List<String> hidden) {
    /**
     * A compared column.
     *
     * @param quiet whether it is only shown where it changes
     * @param numeric whether its changes are measured: it holds numbers, and is not hidden
     */
    record Column(LiveTable.Column column, boolean quiet, boolean numeric, boolean hidden) {
        String name() {
            return column.name();
        }

        boolean generated() {
            return column.generation() != null;
        }
    }

    static Measured of(Connection connection, LiveTable partition, Rebuild rebuild, PreviewRequest request)
            throws SQLException {
        refuseUnknown(partition, request);
        Set<String> numbers = numbers(connection, partition.oid());
        List<Column> columns = new ArrayList<>();
        for (String name : rebuild.set().keySet()) {
            partition.columns().stream()
                    .filter(column -> column.name().equals(name))
                    .forEach(column -> columns.add(measured(column, false, numbers, request)));
        }
        partition.columns().stream()
                .filter(column -> column.generation() != null)
                .forEach(column -> columns.add(measured(column, true, numbers, request)));
        List<String> key = key(connection, partition.oid());
        return new Measured(columns, key, key.stream().map(request::hides).toList(), hidden(partition, request));
    }

    /** Every column, with the key by which rows are paired: of a pair it is the same, but may read differently. */
    static Measured whole(Connection connection, LiveTable partition, List<String> key, PreviewRequest request)
            throws SQLException {
        refuseUnknown(partition, request);
        Set<String> numbers = numbers(connection, partition.oid());
        List<Column> columns = partition.columns().stream()
                .map(column ->
                        measured(column, column.generation() != null || key.contains(column.name()), numbers, request))
                .toList();
        return new Measured(columns, key, key.stream().map(request::hides).toList(), hidden(partition, request));
    }

    private static List<String> hidden(LiveTable partition, PreviewRequest request) {
        return partition.columns().stream()
                .map(LiveTable.Column::name)
                .filter(request::hides)
                .toList();
    }

    private static Column measured(
            LiveTable.Column column, boolean quiet, Set<String> numbers, PreviewRequest request) {
        boolean hidden = request.hides(column.name());
        return new Column(column, quiet, numbers.contains(column.name()) && !hidden, hidden);
    }

    /** A name with a slip in it must not show what was to be hidden. */
    private static void refuseUnknown(LiveTable partition, PreviewRequest request) {
        List<String> names =
                partition.columns().stream().map(LiveTable.Column::name).toList();
        for (String hidden : request.hidden()) {
            if (!hidden.equals(PreviewRequest.EVERY_COLUMN) && !names.contains(hidden)) {
                throw new NeapException(
                        Kind.USAGE,
                        "--hide: " + partition.name() + " has no column " + hidden
                                + Nearest.of(hidden, names)
                                        .map(name -> "; did you mean " + name + "?")
                                        .orElse("; its columns are " + String.join(", ", names)));
            }
        }
    }

    /** Columns of the number types, or of a domain over one. Money is none: it has no numeric value of its own. */
    private static Set<String> numbers(Connection connection, long oid) throws SQLException {
        return new HashSet<>(Query.of(connection, """
                        WITH RECURSIVE typed AS (
                            SELECT attname, atttypid AS type FROM pg_attribute
                            WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped
                            UNION ALL
                            SELECT typed.attname, t.typbasetype FROM typed
                            JOIN pg_type t ON t.oid = typed.type AND t.typtype = 'd')
                        SELECT attname FROM typed
                        WHERE type::regtype IN ('int2', 'int4', 'int8', 'float4', 'float8', 'numeric')
                        """, oid).texts());
    }

    private static List<String> key(Connection connection, long oid) throws SQLException {
        return Query.of(connection, """
                        SELECT a.attname FROM pg_index x
                        CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                        JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
                        WHERE x.indrelid = ?::oid AND x.indisprimary AND k.place <= x.indnkeyatts
                        ORDER BY k.place
                        """, oid).texts();
    }
}
