package dev.neap.postgres.parity;

import dev.neap.backfill.TableName;
import dev.neap.parity.Figure;
import dev.neap.parity.Survey;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** How large the tables in question are, and how their values lie. */
final class SizeFigures {
    private static final String TREE =
            "(SELECT relid FROM pg_partition_tree(to_regclass($table)) UNION SELECT to_regclass($table))";

    private static final String SIZES = """
            SELECT coalesce(sum(greatest(c.reltuples, 0)), 0)::float8, coalesce(sum(pg_table_size(c.oid)), 0)::float8,
                   coalesce(sum(pg_indexes_size(c.oid)), 0)::float8, count(*)::float8,
                   coalesce(sum(pg_stat_get_dead_tuples(c.oid)), 0)::float8, coalesce(bool_or(c.reltuples < 0), true)
            FROM pg_catalog.pg_class c WHERE c.relkind = 'r' AND c.oid IN $tree
            """.replace("$tree", TREE);

    /** Of a partitioned table those of all its rows. */
    private static final String COLUMNS = """
            SELECT s.attname, s.null_frac, abs(coalesce(s.correlation, 0)), s.avg_width
            FROM pg_catalog.pg_stats s JOIN pg_catalog.pg_class c ON c.oid = to_regclass(?)
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND s.inherited = (c.relkind = 'p')
            ORDER BY s.attname
            """;

    private SizeFigures() {}

    static Survey of(Connection connection, List<TableName> tables) throws SQLException {
        List<Figure> figures = new ArrayList<>();
        List<String> unseen = new ArrayList<>();
        for (TableName table : tables) {
            String name = Names.quote(table);
            boolean known = Query.of(connection, SIZES.replace("$table", "?"), name, name)
                    .list(row -> {
                        add(figures, table, "rows", row.getDouble(1), "rows", 1_000, 1.5, 10);
                        add(figures, table, "size", row.getDouble(2) / 1e6, "MB", 8, 1.5, 10);
                        add(figures, table, "indexes", row.getDouble(3) / 1e6, "MB", 8, 1.5, 10);
                        add(figures, table, "tables", row.getDouble(4), "", 1, 1.01, 10);
                        add(figures, table, "dead rows", row.getDouble(5), "rows", 10_000, 3, 1_000);
                        return !row.getBoolean(6);
                    })
                    .get(0);
            if (!known) {
                unseen.add("rows of " + table + ": it was never analyzed, so ANALYZE it");
            }
            Query.of(connection, COLUMNS, name).list(row -> {
                String column = table.sql() + "." + row.getString(1);
                figures.add(new Figure(
                        "statistics", column + ", share of nulls", row.getDouble(2) * 100, "%", 5, 2, 1_000));
                figures.add(new Figure(
                        "statistics", column + ", order on disk", row.getDouble(3) * 100, "%", 20, 2, 1_000));
                return figures.add(
                        new Figure("statistics", column + ", width", row.getDouble(4), "bytes", 16, 2, 1_000));
            });
        }
        return new Survey(List.of(), figures, unseen);
    }

    private static void add(
            List<Figure> figures,
            TableName table,
            String what,
            double value,
            String unit,
            double floor,
            double matters,
            double worthless) {
        figures.add(new Figure("size", table.sql() + ", " + what, value, unit, floor, matters, worthless));
    }
}
