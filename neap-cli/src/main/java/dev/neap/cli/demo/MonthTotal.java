package dev.neap.cli.demo;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.YearMonth;

/**
 * What a reader sees of one month.
 *
 * @param rows its entries
 * @param sum in cents, zero in every snapshot that is whole
 * @param volume the sum of all amounts, without their signs, in cents
 * @param oldHistory entries that nobody has written since the beginning and that are in the old form
 * @param newHistory the same in the new form
 */
record MonthTotal(YearMonth month, long rows, BigDecimal sum, BigDecimal volume, long oldHistory, long newHistory) {
    private static final String READ = """
            SELECT count(*),
                   coalesce(sum(CASE unit WHEN 'cent' THEN amount ELSE amount * 100 END), 0),
                   coalesce(sum(abs(CASE unit WHEN 'cent' THEN amount ELSE amount * 100 END)), 0),
                   count(*) FILTER (WHERE version = 1 AND unit = 'euro' AND transfer_id <= ?),
                   count(*) FILTER (WHERE version = 1 AND unit = 'cent' AND transfer_id <= ?)
            FROM bank.entry WHERE booked_on >= ? AND booked_on < ?""";

    static MonthTotal read(Connection connection, Bank bank, YearMonth month) throws SQLException {
        try (PreparedStatement read = connection.prepareStatement(READ)) {
            read.setLong(1, bank.transfers());
            read.setLong(2, bank.transfers());
            read.setObject(3, month.atDay(1));
            read.setObject(4, month.plusMonths(1).atDay(1));
            try (ResultSet row = read.executeQuery()) {
                row.next();
                return new MonthTotal(
                        month,
                        row.getLong(1),
                        row.getBigDecimal(2),
                        row.getBigDecimal(3),
                        row.getLong(4),
                        row.getLong(5));
            }
        }
    }

    /** What is wrong with it, in one word; empty when nothing is. */
    String wrong() {
        if (rows == 0) {
            return "empty";
        }
        if (sum.signum() != 0) {
            return "half";
        }
        return oldHistory > 0 && newHistory > 0 ? "mixed" : "";
    }

    void check(Observations observations) {
        String kind = wrong();
        if (!kind.isEmpty()) {
            observations.wrong(kind, toString());
        }
    }

    @Override
    public String toString() {
        return month + ": " + rows + " entries, sum " + sum + ", " + oldHistory + " of the history old, " + newHistory
                + " new";
    }
}
