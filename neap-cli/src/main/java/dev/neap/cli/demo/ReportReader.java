package dev.neap.cli.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A report: some months read under one REPEATABLE READ snapshot, with time between them for a swap to come. */
final class ReportReader extends Client {
    private static final long THINK_NANOS = TimeUnit.MILLISECONDS.toNanos(60);

    ReportReader(Application application, String url, long seed, long interval) {
        super(application, url, seed, interval);
    }

    @Override
    void operate(Connection connection) throws SQLException {
        connection.rollback();
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        Bank bank = application.ledger().bank();
        int first = random.nextInt(bank.months());
        MonthTotal before = month(connection, bank, first);
        LockSupport.parkNanos(THINK_NANOS);
        month(connection, bank, random.nextInt(bank.months()));
        LockSupport.parkNanos(THINK_NANOS);
        MonthTotal after = month(connection, bank, first);
        if (!before.equals(after) && before.wrong().isEmpty() && after.wrong().isEmpty() && !sameMoney(before, after)) {
            application.observations().wrong("changed in one snapshot", before + " and then " + after);
        }
        connection.commit();
    }

    /** After a swap an older snapshot may see the new form: the same entries and the same money. */
    private static boolean sameMoney(MonthTotal before, MonthTotal after) {
        return before.rows() == after.rows() && before.volume().compareTo(after.volume()) == 0;
    }

    private MonthTotal month(Connection connection, Bank bank, int index) throws SQLException {
        long start = System.nanoTime();
        MonthTotal total = MonthTotal.read(connection, bank, bank.month(index));
        application.observations().read(System.nanoTime() - start, interval);
        total.check(application.observations());
        return total;
    }

    @Override
    void failed(SQLException e, long nanos) {
        application.observations().readFailed("read: " + cause(e), firstLine(e), nanos, interval);
    }
}
