package dev.neap.cli.demo;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;

/** Reads one transfer by its key, as a customer's screen would. */
final class PointReader extends Client {
    private static final String READ = """
            SELECT count(*), coalesce(sum(CASE unit WHEN 'cent' THEN amount ELSE amount * 100 END), 0),
                   count(DISTINCT unit)
            FROM bank.entry WHERE id IN (?, ?) AND booked_on = ?""";

    PointReader(Application application, String url, long seed, long interval) {
        super(application, url, seed, interval);
    }

    @Override
    void operate(Connection connection) throws SQLException {
        Ledger ledger = application.ledger();
        long transfer = random.nextLong(ledger.bank().transfers()) + 1;
        LocalDate day = ledger.bank().bookedOn(transfer);
        long start = System.nanoTime();
        try (PreparedStatement read = connection.prepareStatement(READ)) {
            read.setLong(1, transfer * 2);
            read.setLong(2, transfer * 2 + 1);
            read.setObject(3, day);
            try (ResultSet row = read.executeQuery()) {
                row.next();
                application.observations().read(System.nanoTime() - start, interval);
                check(transfer, day, row);
            }
        }
        connection.commit();
    }

    private void check(long transfer, LocalDate day, ResultSet row) throws SQLException {
        long rows = row.getLong(1);
        BigDecimal sum = row.getBigDecimal(2);
        String seen = "transfer " + transfer + " of " + day + " had " + rows + " entries, sum " + sum;
        if (rows == 0 && application.ledger().untouched(transfer)) {
            application.observations().wrong("empty", seen);
        } else if (rows != 0 && rows != 2) {
            application.observations().wrong("half", seen);
        } else if (sum.signum() != 0 || row.getInt(3) > 1) {
            application.observations().wrong("mixed", seen);
        }
    }

    @Override
    void failed(SQLException e, long nanos) {
        application.observations().readFailed("read: " + cause(e), firstLine(e), nanos, interval);
    }
}
