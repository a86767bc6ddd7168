package dev.neap.postgres.fill;

import dev.neap.backfill.Fill;
import dev.neap.backfill.TableName;
import dev.neap.plan.PlannedUnit;
import dev.neap.plan.PlannedUnit.Segment;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.KeyColumn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the key of the walked table into segments that hold like numbers of rows, whatever gaps the key has: the bounds are
 * quantiles of a sample of the table's pages. The last bound is the highest key of now.
 */
final class Segments {
    private static final long ROWS_EACH = 50_000;
    private static final int MOST = 1_000;
    /** So many pages of the sample decide on each bound. */
    private static final int PAGES_EACH = 20;

    private final Connection connection;
    private final FillTables tables;
    private final List<KeyColumn> key;
    private final String from;

    Segments(Connection connection, FillTables tables) {
        this.connection = connection;
        this.tables = tables;
        this.key = tables.key();
        this.from = Names.quote(tables.from().name());
    }

    /** The units, in the key's order; none where no row is meant. */
    List<PlannedUnit> units(long rows, long bytes) throws SQLException {
        List<List<String>> last = last(range());
        if (last.isEmpty()) {
            return List.of();
        }
        List<List<String>> bounds = new ArrayList<>(inner(rows));
        bounds.removeIf(last.get(0)::equals);
        bounds.add(last.get(0));
        List<PlannedUnit> units = new ArrayList<>();
        List<String> after = null;
        for (List<String> bound : bounds) {
            units.add(unit(units.size() + 1, after, bound, Math.max(1, rows / bounds.size()), bytes / bounds.size()));
            after = bound;
        }
        return units;
    }

    /** What is meant behind a key, as one unit; none where nothing is. */
    Optional<PlannedUnit> behind(List<String> key) throws SQLException {
        String row = "(" + each(this::column, ", ") + ")";
        return last(range() + " AND " + row + " > " + literal(key)).stream()
                .map(end -> unit(1, key, end, 1, 0))
                .findFirst();
    }

    /** The last key of now; none where no row is meant. */
    Optional<List<String>> last() throws SQLException {
        return last(range()).stream().findFirst();
    }

    private List<List<String>> last(String where) throws SQLException {
        return PlainSql.list(
                connection,
                "SELECT " + each(i -> column(i) + "::text", ", ") + " FROM " + from + " WHERE " + where + " ORDER BY "
                        + each(i -> column(i) + " DESC", ", ") + " LIMIT 1",
                this::values);
    }

    private PlannedUnit unit(int position, @Nullable List<String> after, List<String> upTo, long rows, long bytes) {
        TableName table = tables.from().name();
        String columns = key.stream().map(KeyColumn::name).collect(Collectors.joining(", "));
        String bound = (after == null ? "" : words(after) + " < ") + (key.size() == 1 ? columns : "(" + columns + ")")
                + " <= " + words(upTo);
        return new PlannedUnit(
                position,
                new TableName(table.schema(), table.name() + "#" + position),
                bound,
                rows,
                bytes,
                0,
                new Segment(1, after, upTo));
    }

    private static String words(List<String> values) {
        return values.size() == 1 ? values.get(0) : "(" + String.join(", ", values) + ")";
    }

    private List<List<String>> inner(long rows) throws SQLException {
        long wanted = Math.max(1, Math.min(MOST, rows / ROWS_EACH));
        if (wanted == 1) {
            return List.of();
        }
        long pages = Query.of(
                        connection, """
                        SELECT coalesce(sum(pg_relation_size(c.oid)), 0) / current_setting('block_size')::bigint
                        FROM pg_class c WHERE c.oid IN (SELECT relid FROM pg_partition_tree(?::oid::regclass)
                                                        UNION SELECT ?::oid) AND c.relkind = 'r'
                        """, tables.from().oid(), tables.from().oid())
                .number();
        double percent = Math.min(100, 100.0 * wanted * PAGES_EACH / Math.max(1, pages));
        return PlainSql.list(
                connection,
                "SELECT " + each(i -> "sampled.neap_k" + i + "::text", ", ") + " FROM (SELECT "
                        + each(i -> column(i) + " AS neap_k" + i, ", ") + ", row_number() OVER (ORDER BY "
                        + each(this::column, ", ") + ") AS place, count(*) OVER () AS all_of_them FROM " + from
                        + " TABLESAMPLE SYSTEM (" + percent + ") REPEATABLE (1) WHERE " + range()
                        + ") AS sampled WHERE sampled.place % greatest(1, sampled.all_of_them / " + wanted
                        + ") = 0 AND sampled.place / greatest(1, sampled.all_of_them / " + wanted + ") < " + wanted
                        + " ORDER BY sampled.place",
                this::values);
    }

    private String range() {
        Fill fill = tables.fill();
        List<String> first = fill.keys().from();
        List<String> end = fill.keys().to();
        String row = "(" + each(this::column, ", ") + ")";
        return (first == null ? "true" : row + " >= " + literal(first))
                + (end == null ? "" : " AND " + row + " < " + literal(end));
    }

    private String literal(List<String> values) {
        return "("
                + each(
                        i -> "CAST(" + Names.literal(values.get(i)) + " AS "
                                + key.get(i).type() + ")",
                        ", ") + ")";
    }

    private List<String> values(ResultSet row) throws SQLException {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= key.size(); i++) {
            values.add(row.getString(i));
        }
        return values;
    }

    private String column(int i) {
        return from + "." + Names.quote(key.get(i).name());
    }

    private String each(IntFunction<String> each, String joint) {
        return IntStream.range(0, key.size()).mapToObj(each).collect(Collectors.joining(joint));
    }
}
