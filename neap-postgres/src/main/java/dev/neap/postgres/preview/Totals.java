package dev.neap.postgres.preview;

import dev.neap.preview.NumberChange;
import dev.neap.preview.Preview.Kind;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What {@link CompareSql#totals} says.
 *
 * @param rows live rows looked at
 * @param right rows for which the file's predicate is true
 * @param kinds how many rows there are of each kind
 * @param columns in the order of {@link Measured#columns}
 */
record Totals(long rows, long changed, long right, Map<Kind, Long> kinds, List<OfColumn> columns) {
    /** How many rows are of a kind. */
    long of(Kind kind) {
        return kinds.getOrDefault(kind, 0L);
    }

    /** One column; numbers where its changes are measured. */
    record OfColumn(
            long changed,
            long nullsAppear,
            long nullsDisappear,
            @Nullable Numbers numbers) {}

    /** Sums, and the spread of the differences where there are some. */
    record Numbers(
            BigDecimal before,
            BigDecimal after,
            long notMeasured,
            @Nullable Spread spread) {
        NumberChange with(NumberChange.@Nullable Histogram histogram) {
            return new NumberChange(
                    before,
                    after,
                    notMeasured,
                    spread == null || histogram == null
                            ? null
                            : new NumberChange.Differences(
                                    spread.count,
                                    spread.min,
                                    spread.p5,
                                    spread.p50,
                                    spread.p95,
                                    spread.max,
                                    spread.mean,
                                    histogram));
        }
    }

    /** Of the differences of one column. */
    record Spread(
            long count,
            BigDecimal min,
            BigDecimal p5,
            BigDecimal p50,
            BigDecimal p95,
            BigDecimal max,
            BigDecimal mean) {}

    static Totals read(ResultSet row, Measured measured) throws SQLException {
        Map<Kind, Long> kinds = new TreeMap<>();
        kinds.put(Kind.CHANGED, row.getLong(2));
        kinds.put(Kind.BECOMES_NULL, row.getLong(4));
        kinds.put(Kind.NO_LONGER_NULL, row.getLong(5));
        kinds.put(Kind.ADDED, row.getLong(6));
        kinds.put(Kind.GONE, row.getLong(7));
        List<OfColumn> columns = new ArrayList<>();
        int at = 8;
        for (Measured.Column column : measured.columns()) {
            Numbers numbers = column.numeric() ? numbers(row, at + 3) : null;
            columns.add(new OfColumn(row.getLong(at), row.getLong(at + 1), row.getLong(at + 2), numbers));
            at += column.numeric() ? 11 : 3;
        }
        return new Totals(row.getLong(1), row.getLong(2), row.getLong(3), kinds, columns);
    }

    private static Numbers numbers(ResultSet row, int at) throws SQLException {
        long count = row.getLong(at + 3);
        return new Numbers(
                row.getBigDecimal(at),
                row.getBigDecimal(at + 1),
                row.getLong(at + 2),
                count == 0 ? null : spread(row, at + 4, count));
    }

    private static Spread spread(ResultSet row, int at, long count) throws SQLException {
        BigDecimal[] percentiles = (BigDecimal[]) row.getArray(at + 3).getArray();
        return new Spread(
                count,
                row.getBigDecimal(at),
                percentiles[0],
                percentiles[1],
                percentiles[2],
                row.getBigDecimal(at + 1),
                row.getBigDecimal(at + 2));
    }
}
