package dev.neap.mysql.fill;

import dev.neap.backfill.TableName;
import dev.neap.mysql.query.Names;
import dev.neap.mysql.query.Query;
import dev.neap.plan.PlannedUnit;
import dev.neap.plan.PlannedUnit.Segment;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the key of the walked table into segments that hold like numbers of rows, whatever gaps the key has. InnoDB samples
 * no rows, but says of any range of an index about how many entries it holds, from a few pages: the number at which a
 * segment ends is searched by halves. That needs a first column of whole numbers; other keys are one segment. The last
 * bound is the highest key of now.
 */
final class Segments {
    private static final long ROWS_EACH = 50_000;
    private static final int MOST = 100;
    private static final int MOST_HALVES = 40;
    /** As near as this to the wanted number of rows is near enough. */
    private static final double NEAR = 0.1;

    private final Connection connection;
    private final FillTables tables;
    private final KeySql key;
    private final Expressions user;

    Segments(Connection connection, FillTables tables) {
        this.connection = connection;
        this.tables = tables;
        this.key = new KeySql(tables.walk());
        this.user = new Expressions(tables);
    }

    /** The units, in the key's order; none where no row is meant. */
    List<PlannedUnit> units(long rows, long bytes) throws SQLException {
        Optional<List<String>> last = last();
        if (last.isEmpty()) {
            return List.of();
        }
        List<List<String>> bounds = new ArrayList<>(inner(rows, last.get()));
        bounds.removeIf(last.get()::equals);
        bounds.add(last.get());
        List<PlannedUnit> units = new ArrayList<>();
        List<String> after = null;
        for (List<String> bound : bounds) {
            units.add(unit(units.size() + 1, after, bound, Math.max(1, rows / bounds.size()), bytes / bounds.size()));
            after = bound;
        }
        return units;
    }

    /** What is meant behind a key, as one unit; none where nothing is. */
    Optional<PlannedUnit> behind(List<String> after, int position) throws SQLException {
        return end(range() + " AND " + key.after(user.alias(), after), key.backwards(user.alias()))
                .map(upTo -> unit(position, after, upTo, 1, 0));
    }

    /** The last key of now; none where no row is meant. */
    Optional<List<String>> last() throws SQLException {
        return end(range(), key.backwards(user.alias()));
    }

    private PlannedUnit unit(int position, @Nullable List<String> after, List<String> upTo, long rows, long bytes) {
        TableName table = tables.from().name();
        String columns = tables.key().stream().map(LiveColumn::name).collect(Collectors.joining(", "));
        String bound = (after == null ? "" : words(after) + " < ")
                + (key.columns() == 1 ? columns : "(" + columns + ")") + " <= " + words(upTo);
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

    private String range() {
        List<String> first = tables.fill().keys().from();
        List<String> end = tables.fill().keys().to();
        return (first == null ? "true" : key.from(user.alias(), first))
                + (end == null ? "" : " AND " + key.before(user.alias(), end));
    }

    /** The first key of a part in an order. */
    private Optional<List<String>> end(String where, String order) throws SQLException {
        return Query.first(
                connection,
                "SELECT " + key.texts(user.alias()) + " FROM " + user.from() + key.forced() + " WHERE " + where
                        + " ORDER BY " + order + " LIMIT 1",
                r -> FillSession.texts(r, 1, key.columns()));
    }

    private List<List<String>> inner(long rows, List<String> last) throws SQLException {
        long wanted = Math.max(1, Math.min(MOST, rows / ROWS_EACH));
        Optional<List<String>> first = end(range(), key.list(user.alias()));
        if (wanted == 1 || first.isEmpty() || !tables.key().get(0).whole()) {
            return List.of();
        }
        BigInteger low = new BigInteger(first.get().get(0)).subtract(BigInteger.ONE);
        BigInteger high = new BigInteger(last.get(0));
        double each = estimate(low, high) / (double) wanted;
        List<List<String>> bounds = new ArrayList<>();
        for (int i = 1; i < wanted; i++) {
            low = cut(low, high, each);
            // A key that is there: the last one up to the number.
            end(range() + " AND " + key.column(user.alias(), 0) + " <= " + low, key.backwards(user.alias()))
                    .filter(bound ->
                            bounds.isEmpty() || !bounds.get(bounds.size() - 1).equals(bound))
                    .ifPresent(bounds::add);
        }
        return bounds;
    }

    private BigInteger cut(BigInteger after, BigInteger high, double each) throws SQLException {
        BigInteger low = after;
        BigInteger up = high;
        for (int i = 0; i < MOST_HALVES && up.subtract(low).compareTo(BigInteger.ONE) > 0; i++) {
            BigInteger middle = low.add(up).shiftRight(1);
            long there = estimate(after, middle);
            if (Math.abs(there - each) <= each * NEAR) {
                return middle;
            }
            if (there < each) {
                low = middle;
            } else {
                up = middle;
            }
        }
        return up;
    }

    /** About how many rows have a number after one and up to another, as the index tells. */
    private long estimate(BigInteger after, BigInteger upTo) throws SQLException {
        String column = key.column(user.alias(), 0);
        return Query.first(
                        connection,
                        "EXPLAIN SELECT " + column + " FROM "
                                + Names.quote(tables.from().name()) + " AS "
                                + user.alias() + key.forced() + " WHERE " + column + " > " + after + " AND " + column
                                + " <= " + upTo,
                        r -> Optional.ofNullable(r.getBigDecimal("rows")))
                .orElse(Optional.empty())
                .map(BigDecimal::longValue)
                .orElse(0L);
    }
}
