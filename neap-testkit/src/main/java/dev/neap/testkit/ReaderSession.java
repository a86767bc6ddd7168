package dev.neap.testkit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/** One reader: looks, judges what it saw, and looks again. */
final class ReaderSession implements Runnable {
    /** The server may say these at any time: serialization failure or conflict with recovery, deadlock, cancel. */
    private static final Set<String> CANCELLED = Set.of("40001", "40P01", "57014", "57P01");

    private final Reader kind;
    private final Application.ConnectionSource source;
    private final Map<Integer, Integer> watched;
    private final List<Integer> partitions;
    private final ReaderTally tally;
    private final SplittableRandom random;
    private final BooleanSupplier stopping;
    private int visitors;

    ReaderSession(
            Reader kind,
            Application.ConnectionSource source,
            Map<Integer, Integer> watched,
            ReaderTally tally,
            SplittableRandom random,
            BooleanSupplier stopping) {
        this.kind = kind;
        this.source = source;
        this.watched = watched;
        this.partitions = List.copyOf(watched.keySet());
        this.tally = tally;
        this.random = random;
        this.stopping = stopping;
    }

    @Override
    public void run() {
        while (!stopping.getAsBoolean()) {
            try (Connection connection = source.connect()) {
                prepare(connection);
                while (!stopping.getAsBoolean()) {
                    look(connection);
                    Thread.sleep(random.nextInt(15));
                }
            } catch (SQLException e) {
                failed(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException | Error e) {
                tally.refused("the reader died: " + e);
                return;
            }
        }
    }

    private void failed(SQLException e) {
        if (CANCELLED.contains(String.valueOf(e.getSQLState()))) {
            tally.cancel();
        } else {
            tally.refused(e.getSQLState() + " " + e.getMessage());
        }
    }

    private void prepare(Connection connection) throws SQLException {
        execute(connection, "SET max_parallel_workers_per_gather = 0");
        if (kind == Reader.PREPARED) {
            execute(connection, "SET plan_cache_mode = force_generic_plan");
            execute(connection, "PREPARE ledger_month (date, date) AS" + Pulse.ONE_PARTITION);
        }
    }

    private void look(Connection connection) throws SQLException, InterruptedException {
        switch (kind) {
            case READ_COMMITTED, STANDBY -> pulse(connection);
            case REPEATABLE_READ, STANDBY_SNAPSHOT -> twice(connection, "REPEATABLE READ, READ ONLY");
            case SERIALIZABLE -> twice(connection, "SERIALIZABLE");
            case STABLE_FUNCTION -> function(connection);
            case PREPARED -> prepared(connection);
            case LEAF_NAME -> leaf(connection);
            case REFERENCED_READ -> accounts(connection);
            case REFERENCED_WRITE -> touch(connection);
        }
    }

    private Pulse pulse(Connection connection) throws SQLException {
        long began = System.nanoTime();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(Pulse.SQL)) {
            Pulse pulse = Pulse.of(rows);
            tally.poll(System.nanoTime() - began);
            pulse.judge(watched, null, tally);
            return pulse;
        }
    }

    /** Takes its snapshot, waits, looks at the ledger for the first time, waits, and must see the same again. */
    private void twice(Connection connection, String isolation) throws SQLException, InterruptedException {
        execute(connection, "BEGIN ISOLATION LEVEL " + isolation);
        try {
            execute(connection, "SELECT count(*) FROM public.account");
            Thread.sleep(random.nextInt(80));
            Pulse first = pulse(connection);
            Thread.sleep(random.nextInt(40));
            Pulse second = pulse(connection);
            if (!first.equals(second)) {
                tally.unrepeatable("first " + first + ", then " + second);
            }
            execute(connection, "COMMIT");
        } catch (SQLException e) {
            rollBack(connection, e);
            failed(e);
        }
    }

    /** A conflict with recovery may end the session too; what ended it is the news, not that it is closed. */
    private static void rollBack(Connection connection, SQLException after) throws SQLException {
        try {
            execute(connection, "ROLLBACK");
        } catch (SQLException closed) {
            after.addSuppressed(closed);
            throw after;
        }
    }

    private void function(Connection connection) throws SQLException {
        double seconds = random.nextInt(60) / 1000.0;
        long began = System.nanoTime();
        try (PreparedStatement statement = connection.prepareStatement(Pulse.BY_FUNCTION)) {
            statement.setDouble(1, seconds);
            try (ResultSet rows = statement.executeQuery()) {
                Pulse pulse = Pulse.of(rows);
                tally.poll(System.nanoTime() - began - (long) (seconds * 1e9));
                pulse.judge(watched, null, tally);
            }
        }
    }

    private void prepared(Connection connection) throws SQLException {
        int partition = partition();
        LocalDate lower = Ledger.firstDay(partition);
        one(connection, "EXECUTE ledger_month('" + lower + "', '" + lower.plusMonths(1) + "')", partition);
    }

    private void leaf(Connection connection) throws SQLException {
        int partition = partition();
        one(connection, Pulse.leaf(partition), partition);
    }

    private void one(Connection connection, String sql, int partition) throws SQLException {
        long began = System.nanoTime();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            Pulse pulse = Pulse.of(rows);
            tally.poll(System.nanoTime() - began);
            pulse.judge(watched, partition, tally);
        }
    }

    private void accounts(Connection connection) throws SQLException {
        long began = System.nanoTime();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT count(*) FROM public.account WHERE id <= " + Ledger.ACCOUNTS)) {
            rows.next();
            tally.poll(System.nanoTime() - began);
            if (rows.getInt(1) != Ledger.ACCOUNTS) {
                tally.empty(rows.getInt(1) + " accounts");
            }
        }
    }

    private void touch(Connection connection) throws SQLException {
        long began = System.nanoTime();
        int account = 1 + random.nextInt(Ledger.ACCOUNTS);
        if (random.nextInt(4) > 0) {
            execute(connection, "UPDATE public.account SET touched = touched + 1 WHERE id = " + account);
        } else {
            int visitor = 1_000 + visitors++;
            execute(connection, "INSERT INTO public.account VALUES (" + visitor + ", 'visitor')");
            execute(connection, "DELETE FROM public.account WHERE id = " + visitor);
        }
        tally.poll(System.nanoTime() - began);
    }

    private int partition() {
        return partitions.get(random.nextInt(partitions.size()));
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
