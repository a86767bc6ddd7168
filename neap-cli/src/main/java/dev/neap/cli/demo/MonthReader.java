package dev.neap.cli.demo;

import java.sql.Connection;
import java.sql.SQLException;

/** Reads a whole month, which is a whole partition, in one statement. */
final class MonthReader extends Client {
    MonthReader(Application application, String url, long seed, long interval) {
        super(application, url, seed, interval);
    }

    @Override
    void operate(Connection connection) throws SQLException {
        Bank bank = application.ledger().bank();
        long start = System.nanoTime();
        MonthTotal total = MonthTotal.read(connection, bank, bank.month(random.nextInt(bank.months())));
        application.observations().read(System.nanoTime() - start, interval);
        total.check(application.observations());
        connection.commit();
    }

    @Override
    void failed(SQLException e, long nanos) {
        application.observations().readFailed("read: " + cause(e), firstLine(e), nanos, interval);
    }
}
