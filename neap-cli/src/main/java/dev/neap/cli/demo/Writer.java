package dev.neap.cli.demo;

import dev.neap.cli.demo.Ledger.Transfer;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Books, changes, moves and deletes transfers, always both entries of one in one transaction. */
final class Writer extends Client {
    private static final String INSERT = """
            INSERT INTO bank.entry (id, booked_on, account_id, transfer_id, amount, unit, note)
            VALUES (?, ?, ?, ?, ?, ?, 'new'), (?, ?, ?, ?, ?, ?, 'new')""";
    private static final String AMOUNT = """
            UPDATE bank.entry SET amount = CASE id WHEN ? THEN ? ELSE ? END, unit = ?, version = version + 1
            WHERE id IN (?, ?) AND booked_on = ?""";
    private static final String NOTE = """
            UPDATE bank.entry SET note = 'checked', version = version + 1
            WHERE id IN (?, ?) AND booked_on = ?""";
    private static final String MOVE = """
            UPDATE bank.entry SET booked_on = ?, version = version + 1
            WHERE id IN (?, ?) AND booked_on = ?""";
    private static final String DELETE = "DELETE FROM bank.entry WHERE id IN (?, ?) AND booked_on = ?";
    private static final String LOOK = "SELECT sum(version) FROM bank.entry WHERE id IN (?, ?) AND booked_on = ?";

    private final int share;
    private final int shares;
    private final List<Long> own = new ArrayList<>();
    private long current;

    Writer(Application application, String url, int share, int shares, long seed, long interval) {
        super(application, url, seed, interval);
        this.share = share;
        this.shares = shares;
    }

    @Override
    void operate(Connection connection) throws SQLException {
        int dice = random.nextInt(100);
        if (dice < 30) {
            insert(connection);
        } else if (dice < 55) {
            amount(connection);
        } else if (dice < 70) {
            change(connection, "note", NOTE, pick().noted(), null);
        } else if (dice < 83) {
            if (application.movesRows()) {
                move(connection);
            }
        } else if (dice < 95) {
            change(connection, "delete", DELETE, pick().gone(), null);
        } else {
            takeBack(connection);
        }
    }

    private void insert(Connection connection) throws SQLException {
        Transfer made = new Transfer(application.ledger().newId(), day(), 1 + random.nextInt(99_999), 1, false);
        long start = begin(made.id());
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            int at = 1;
            for (int side = 0; side < 2; side++) {
                long id = made.id() * 2 + side;
                insert.setLong(at++, id);
                insert.setObject(at++, made.bookedOn());
                insert.setLong(at++, Bank.account(id));
                insert.setLong(at++, made.id());
                insert.setBigDecimal(at++, written(side == 0 ? made.cents() : -made.cents()));
                insert.setString(at++, unit());
            }
            insert.executeUpdate();
        }
        own.add(made.id());
        commit(connection, "insert", made, start);
    }

    /** An amount is written in the application's form of the day, whatever the form was that it replaces. */
    private void amount(Connection connection) throws SQLException {
        Transfer before = pick();
        Transfer after = before.amount(1 + random.nextInt(99_999));
        long start = begin(after.id());
        if (random.nextInt(3) == 0) {
            look(connection, before);
        }
        if (setAmount(connection, before, after) == 2) {
            commit(connection, "update", after, start);
        } else {
            notFound(connection, "update", before, start);
        }
    }

    private int setAmount(Connection connection, Transfer before, Transfer after) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(AMOUNT)) {
            update.setLong(1, after.id() * 2);
            update.setBigDecimal(2, written(after.cents()));
            update.setBigDecimal(3, written(-after.cents()));
            update.setString(4, unit());
            update.setLong(5, after.id() * 2);
            update.setLong(6, after.id() * 2 + 1);
            update.setObject(7, before.bookedOn());
            return update.executeUpdate();
        }
    }

    /** A move leaves the amount in the form that it has. */
    private void move(Connection connection) throws SQLException {
        Transfer before = pick();
        LocalDate to = day();
        change(connection, "move", MOVE, before.movedTo(to), to);
    }

    private void change(Connection connection, String kind, String sql, Transfer after, @Nullable LocalDate newDay)
            throws SQLException {
        Transfer before = known(after.id());
        long start = begin(after.id());
        int rows;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int at = 1;
            if (newDay != null) {
                statement.setObject(at++, newDay);
            }
            statement.setLong(at++, after.id() * 2);
            statement.setLong(at++, after.id() * 2 + 1);
            statement.setObject(at, before.bookedOn());
            rows = statement.executeUpdate();
        }
        if (rows == 2) {
            commit(connection, kind, after, start);
        } else {
            notFound(connection, kind, before, start);
        }
    }

    private void takeBack(Connection connection) throws SQLException {
        Transfer before = pick();
        long start = begin(before.id());
        setAmount(connection, before, before.amount(1));
        connection.rollback();
        application.observations().write("rollback", System.nanoTime() - start, interval);
    }

    private static void look(Connection connection, Transfer transfer) throws SQLException {
        try (PreparedStatement look = connection.prepareStatement(LOOK)) {
            look.setLong(1, transfer.id() * 2);
            look.setLong(2, transfer.id() * 2 + 1);
            look.setObject(3, transfer.bookedOn());
            look.executeQuery().close();
        }
    }

    private long begin(long id) {
        current = id;
        application.ledger().touch(id);
        return System.nanoTime();
    }

    private void commit(Connection connection, String kind, Transfer after, long start) throws SQLException {
        connection.commit();
        application.ledger().commit(after);
        application.observations().write(kind, System.nanoTime() - start, interval);
    }

    /** What it has committed before is not there: it takes its write back, as an application would. */
    private void notFound(Connection connection, String kind, Transfer sought, long start) throws SQLException {
        connection.rollback();
        application
                .observations()
                .failed(
                        "row not found",
                        kind + " of transfer " + sought.id() + " of " + sought.bookedOn(),
                        System.nanoTime() - start,
                        interval);
    }

    @Override
    void failed(SQLException e, long nanos) {
        if (String.valueOf(e.getSQLState()).startsWith("08")) {
            application.ledger().unsure(current);
        }
        application.observations().failed(cause(e), firstLine(e), nanos, interval);
    }

    /** One of its own that is there. */
    private Transfer pick() {
        while (true) {
            Transfer found = known(choose());
            if (!found.deleted() && !application.ledger().isUnsure(found.id())) {
                return found;
            }
        }
    }

    private Transfer known(long id) {
        Transfer found = application.ledger().find(id);
        // An insert that failed was never known.
        return found == null ? new Transfer(id, LocalDate.EPOCH, 0, 0, true) : found;
    }

    private long choose() {
        if (!own.isEmpty() && random.nextInt(5) == 0) {
            return own.get(random.nextInt(own.size()));
        }
        long groups = application.ledger().bank().transfers() / shares;
        return random.nextLong(groups) * shares + share + 1;
    }

    private LocalDate day() {
        Bank bank = application.ledger().bank();
        YearMonth month = bank.month(random.nextInt(bank.months()));
        return month.atDay(1 + random.nextInt(28));
    }

    private BigDecimal written(long cents) {
        return application.writesNewForm() ? BigDecimal.valueOf(cents) : BigDecimal.valueOf(cents, 2);
    }

    private String unit() {
        return application.writesNewForm() ? "cent" : "euro";
    }
}
