package dev.neap.postgres.shadow;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a statement about single rows of a live partition has to know: enough to mend some rows of one that is done, where
 * a whole {@link ShadowDefinition} would take ten times as many round trips.
 *
 * @param columns the columns that can be inserted into, without quotes, in order
 * @param types each column's SQL type with its modifier, qualified, by its name without quotes; the generated ones too
 * @param key the columns by which a changed row is found again, see {@link RowKey}; empty without any
 */
public record RowShape(List<String> columns, Map<String, String> types, List<KeyColumn> key) {
    private record Column(String name, String type, boolean generated) {}

    /** Reads the catalog in two queries. Leaves the connection's settings as they were. */
    public static RowShape read(Connection connection, long liveOid) throws SQLException {
        try (Catalog catalog = new Catalog(connection, Map.of("live", liveOid + "::oid"))) {
            List<String> columns = new ArrayList<>();
            Map<String, String> types = new LinkedHashMap<>();
            for (Column column :
                    catalog.list(COLUMNS, r -> new Column(r.getString(1), r.getString(2), r.getBoolean(3)))) {
                types.put(column.name(), column.type());
                if (!column.generated()) {
                    columns.add(column.name());
                }
            }
            return new RowShape(
                    List.copyOf(columns),
                    types,
                    catalog.list(
                            RowKey.COLUMNS.replace("?::oid[]", "ARRAY[{live}]"),
                            r -> new KeyColumn(
                                    r.getString(2), r.getString(3), r.getString(4), r.getString(5), r.getString(6))));
        }
    }

    private static final String COLUMNS = """
            SELECT attname, format_type(atttypid, atttypmod), attgenerated <> ''
            FROM pg_catalog.pg_attribute WHERE attrelid = {live} AND attnum > 0 AND NOT attisdropped ORDER BY attnum""";
}
