package dev.neap.cli.demo;

import dev.neap.cli.demo.Ledger.Transfer;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Compares every row of the table with what the application knows that it committed. */
final class Audit {
    private static final int MOST_EXAMPLES = 5;

    private final Ledger ledger;
    private final BitSet seen = new BitSet();
    private final Set<Long> wrongWrites = new HashSet<>();
    private final List<String> examples = new ArrayList<>();
    private long rows;
    private long oldForm;
    private long wrongHistory;
    private long cents;

    private Audit(Ledger ledger) {
        this.ledger = ledger;
    }

    /**
     * What was found.
     *
     * @param rows entries in the table
     * @param oldForm of which in the old form
     * @param lostWrites transfers that the application wrote and whose last committed state is not what is there
     * @param wrongHistory entries nobody wrote since the beginning that are missing, there twice, or not as they were
     * @param writes transfers that the application wrote, all compared
     * @param sumCents the sum over all entries in the new form's unit; zero when the books balance
     */
    record Result(
            long rows,
            long oldForm,
            long lostWrites,
            long wrongHistory,
            long writes,
            long sumCents,
            List<String> examples) {
        boolean right() {
            return oldForm == 0 && lostWrites == 0 && wrongHistory == 0 && sumCents == 0;
        }
    }

    /** Reads the whole table. The application must have stopped. */
    static Result of(String url, Ledger ledger) throws SQLException {
        Audit audit = new Audit(ledger);
        try (Connection connection = DriverManager.getConnection(url)) {
            // Outside autocommit the driver fetches in portions.
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(10_000);
                try (ResultSet row =
                        statement.executeQuery("SELECT id, booked_on, amount, unit, version FROM bank.entry")) {
                    while (row.next()) {
                        audit.row(row);
                    }
                }
            }
            connection.rollback();
        }
        audit.missing();
        return audit.result();
    }

    private void row(ResultSet row) throws SQLException {
        long id = row.getLong(1);
        BigDecimal amount = row.getBigDecimal(3);
        boolean newForm = row.getString(4).equals("cent");
        rows++;
        oldForm += newForm ? 0 : 1;
        long inCents = newForm ? exact(amount, 0) : exact(amount, 2);
        cents += inCents;
        Transfer expected = ledger.find(id / 2);
        if (seen.get((int) id)) {
            wrong(id / 2, id, "is there twice");
        } else if (expected == null || expected.deleted()) {
            wrong(id / 2, id, "was deleted, or never committed, and is there");
        } else if (inCents != (id % 2 == 0 ? expected.cents() : -expected.cents())
                || !sameDay(row.getDate(2), expected)
                || row.getInt(5) != expected.version()) {
            wrong(
                    id / 2,
                    id,
                    "is " + amount + " " + row.getString(4) + " of " + row.getDate(2) + ", version " + row.getInt(5)
                            + "; committed was " + expected);
        }
        seen.set((int) id);
    }

    /** In cents, or a value that is nobody's when there is less than a cent in it. */
    private static long exact(BigDecimal amount, int digits) {
        BigDecimal moved = amount.movePointRight(digits).stripTrailingZeros();
        return moved.scale() > 0 ? Long.MIN_VALUE / 4 : moved.longValueExact();
    }

    private static boolean sameDay(@Nullable Date day, Transfer expected) {
        return day != null && day.toLocalDate().equals(expected.bookedOn());
    }

    private void missing() {
        for (long transfer = 1; transfer <= ledger.highest(); transfer++) {
            Transfer expected = ledger.find(transfer);
            if (expected != null && !expected.deleted()) {
                for (long id = transfer * 2; id <= transfer * 2 + 1; id++) {
                    if (!seen.get((int) id)) {
                        wrong(transfer, id, "is missing; committed was " + expected);
                    }
                }
            }
        }
    }

    private void wrong(long transfer, long entry, String how) {
        if (ledger.isUnsure(transfer)) {
            return;
        }
        if (ledger.untouched(transfer)) {
            wrongHistory++;
        } else {
            wrongWrites.add(transfer);
        }
        if (examples.size() < MOST_EXAMPLES) {
            examples.add("entry " + entry + " " + how);
        }
    }

    private Result result() {
        return new Result(
                rows, oldForm, wrongWrites.size(), wrongHistory, ledger.written(), cents, List.copyOf(examples));
    }
}
