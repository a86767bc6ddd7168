package dev.neap.postgres.fill;

import dev.neap.backfill.TableName;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import dev.neap.transform.Schema;
import dev.neap.transform.TransformSource;
import dev.neap.transform.Type;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Compares what a transform in Java declares with the tables as they are. */
final class TransformCheck {
    private static final String EXPLANATION =
            "a transform is given and gives back values of the types that it declares";

    /** From which types of the server each type of Java takes every value. Text takes any. */
    private static final Map<Type, Set<String>> FROM = new EnumMap<>(Map.of(
            Type.BOOLEAN, Set.of("boolean"),
            Type.INT, Set.of("smallint", "integer"),
            Type.LONG, Set.of("smallint", "integer", "bigint"),
            Type.DOUBLE, Set.of("real", "double precision"),
            Type.DECIMAL, Set.of("smallint", "integer", "bigint", "numeric"),
            Type.DATE, Set.of("date"),
            Type.TIMESTAMP, Set.of("timestamp without time zone"),
            Type.INSTANT, Set.of("timestamp with time zone"),
            Type.UUID, Set.of("uuid"),
            Type.BYTES, Set.of("bytea")));

    /** Into which types of the server each type of Java goes; a value that is too large is refused with its row. */
    private static final Map<Type, Set<String>> INTO = new EnumMap<>(Map.of(
            Type.BOOLEAN, Set.of("boolean"),
            Type.INT, Set.of("smallint", "integer", "bigint", "numeric"),
            Type.LONG, Set.of("bigint", "numeric"),
            Type.DOUBLE, Set.of("real", "double precision"),
            Type.DECIMAL, Set.of("numeric"),
            Type.DATE, Set.of("date"),
            Type.TIMESTAMP, Set.of("timestamp without time zone"),
            Type.INSTANT, Set.of("timestamp with time zone"),
            Type.UUID, Set.of("uuid"),
            Type.BYTES, Set.of("bytea")));

    private final Connection connection;
    private final TransformSource transform;
    private final List<Finding> findings = new ArrayList<>();

    TransformCheck(Connection connection, TransformSource transform) {
        this.connection = connection;
        this.transform = transform;
    }

    /** What speaks against it. */
    List<Finding> look(FillTables tables) throws SQLException {
        types(tables.from(), "reads", transform.schema().reads(), FROM);
        types(tables.into(), "writes", transform.schema().writes(), INTO);
        for (String column : transform.schema().carries().keySet()) {
            if (tables.from().column(column).isEmpty()) {
                missing(tables.from(), "carries", column);
            }
        }
        if (!Query.of(connection, "SELECT has_database_privilege(current_database(), 'TEMPORARY')")
                .truth()) {
            findings.add(Finding.error(
                    "privileges",
                    "the role may not create temporary tables in this database",
                    "what a transform in Java makes is staged in one of its session's",
                    "GRANT TEMPORARY ON DATABASE to the role"));
        }
        return findings;
    }

    private void types(LiveTable table, String what, List<Schema.Column> columns, Map<Type, Set<String>> fitting)
            throws SQLException {
        Map<String, String> there = types(table);
        for (Schema.Column column : columns) {
            String type = there.get(column.name());
            if (type == null) {
                missing(table, what, column.name());
            } else if (column.type() != Type.TEXT
                    && !fitting.getOrDefault(column.type(), Set.of()).contains(type)) {
                error(
                        "its schema " + what + " " + column.name() + " as " + column.type() + ", and " + table.name()
                                + "." + column.name() + " is " + type,
                        "declare it as " + fits(type, fitting));
            }
        }
    }

    /** Base types, of domains too. */
    private Map<String, String> types(LiveTable table) throws SQLException {
        Map<String, String> types = new HashMap<>();
        Query.of(connection, """
                        WITH RECURSIVE base AS (
                            SELECT a.attname, a.atttypid AS type FROM pg_catalog.pg_attribute a
                            WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped
                            UNION ALL SELECT base.attname, t.typbasetype FROM base
                            JOIN pg_catalog.pg_type t ON t.oid = base.type AND t.typtype = 'd')
                        SELECT base.attname, format_type(base.type, NULL) FROM base
                        JOIN pg_catalog.pg_type t ON t.oid = base.type AND t.typtype <> 'd'
                        """, table.oid()).list(r -> types.put(r.getString(1), r.getString(2)));
        return types;
    }

    private static String fits(String type, Map<Type, Set<String>> fitting) {
        String fits = fitting.entrySet().stream()
                .filter(entry -> entry.getValue().contains(type))
                .map(entry -> entry.getKey().name())
                .collect(Collectors.joining(" or "));
        return fits.isEmpty() ? "TEXT" : fits;
    }

    private void missing(LiveTable table, String what, String column) {
        TableName name = table.name();
        error(
                "its schema " + what + " " + column + ", and " + name + " has no such column; its columns are "
                        + table.columns().stream().map(LiveTable.Column::name).collect(Collectors.joining(", ")),
                "correct the schema of " + transform.name());
    }

    private void error(String what, String fix) {
        String place = transform.place().isEmpty() ? transform.name() + ": " : transform.place();
        findings.add(Finding.error("transform", place + what, EXPLANATION, fix));
    }
}
