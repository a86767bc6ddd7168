package dev.neap.testkit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One transaction of the application: writes to the ledger and remembers what the model must become if it commits. An
 * UPDATE or DELETE of a row that the model has must find exactly that row.
 */
final class LedgerTransaction implements AutoCloseable {
    private final Connection connection;
    private final Model model;
    private final int form;
    private final List<Lock> held = new ArrayList<>();
    private Map<Long, Optional<Entry>> changes = new LinkedHashMap<>();
    private @Nullable Map<Long, Optional<Entry>> savepoint;
    private String table = "public.ledger";

    LedgerTransaction(Connection connection, Model model, int form) {
        this.connection = connection;
        this.model = model;
        this.form = form;
    }

    Map<Long, Optional<Entry>> changes() {
        return changes;
    }

    /** Writes go to the partition under its own name until {@link #throughParent}. */
    void throughLeaf(int partition) {
        table = "public." + Ledger.leaf(partition);
    }

    void throughParent() {
        table = "public.ledger";
    }

    /** False when the partition is being truncated by somebody. */
    boolean mayTouch(int partition) {
        return partition != model.truncatable || take(model.truncation.readLock());
    }

    /** False when another writer has this shared row; true for a row of one's own. */
    boolean mayTouch(long id) {
        Optional<ReentrantLock> lock = model.lock(id);
        return lock.isEmpty() || take(lock.get());
    }

    /** False when somebody is writing in the partition that may be truncated. */
    boolean mayTruncate() {
        return take(model.truncation.writeLock());
    }

    private boolean take(Lock lock) {
        if (held.contains(lock)) {
            return true;
        }
        if (!lock.tryLock()) {
            return false;
        }
        held.add(lock);
        return true;
    }

    /** The row as this transaction knows it. */
    @Nullable
    Entry get(long id) {
        Optional<Entry> changed = changes.get(id);
        return changed == null ? model.get(id) : changed.orElse(null);
    }

    void insert(Entry entry) throws SQLException {
        String sql = "INSERT INTO " + table
                + " (id, day, account_id, debit, credit, version, form, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        long debit = form == 2 ? entry.amount() * 100 : entry.amount();
        write(entry, sql, entry.id(), entry.day(), entry.account(), debit, -debit, entry.version(), form, entry.note());
    }

    void delete(Entry entry) throws SQLException {
        one("DELETE FROM " + table + " WHERE day = ? AND id = ?", entry.day(), entry.id());
        changes.put(entry.id(), Optional.empty());
    }

    /** Changes what Neap must leave alone: note, version. */
    void annotate(Entry before, Entry after) throws SQLException {
        write(
                after,
                "UPDATE " + table + " SET note = ?, version = ? WHERE day = ? AND id = ?",
                after.note(),
                after.version(),
                before.day(),
                before.id());
    }

    /** Adds to what is there, in whichever form it is there. */
    void add(Entry before, long units) throws SQLException {
        Entry after = before.plus(units);
        write(
                after,
                "UPDATE " + table + " SET debit = debit + ? * CASE form WHEN 2 THEN 100 ELSE 1 END,"
                        + " credit = credit - ? * CASE form WHEN 2 THEN 100 ELSE 1 END, version = ?"
                        + " WHERE day = ? AND id = ?",
                units,
                units,
                after.version(),
                before.day(),
                before.id());
    }

    /** Writes all amounts anew, in the application's form. */
    void rewrite(Entry before, Entry after) throws SQLException {
        long debit = form == 2 ? after.amount() * 100 : after.amount();
        write(
                after,
                "UPDATE " + table + " SET debit = ?, credit = ?, form = ?, account_id = ?, version = ?"
                        + " WHERE day = ? AND id = ?",
                debit,
                -debit,
                form,
                after.account(),
                after.version(),
                before.day(),
                before.id());
    }

    /** Gives a row another key: its id, or its day and so perhaps its partition. */
    void rekey(Entry before, Entry after) throws SQLException {
        write(
                after,
                "UPDATE " + table + " SET id = ?, day = ?, version = ? WHERE day = ? AND id = ?",
                after.id(),
                after.day(),
                after.version(),
                before.day(),
                before.id());
        if (before.id() != after.id()) {
            changes.put(before.id(), Optional.empty());
        }
    }

    /** Reads and locks a row; it must be there as the model has it. */
    void check(Entry expected) throws SQLException {
        String sql = "SELECT id, day, account_id, debit, credit, version, form, note FROM " + table
                + " WHERE day = ? AND id = ? FOR UPDATE";
        try (PreparedStatement statement = prepare(sql, expected.day(), expected.id());
                ResultSet row = statement.executeQuery()) {
            if (!row.next()) {
                throw new LedgerSurprise("a row is not there: " + expected.inForm(0), expected.id());
            }
            String shown = Comparison.shown(row);
            if (!shown.equals(expected.inForm(row.getInt("form")))) {
                throw new LedgerSurprise(
                        "expected " + expected.inForm(row.getInt("form")) + " but read " + shown, expected.id());
            }
        }
    }

    void savepoint() throws SQLException {
        execute("SAVEPOINT here");
        savepoint = new LinkedHashMap<>(changes);
    }

    void backToSavepoint() throws SQLException {
        execute("ROLLBACK TO SAVEPOINT here");
        if (savepoint != null) {
            changes = new LinkedHashMap<>(savepoint);
        }
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Remembers the row with the very table and the form that the server says it has by now. */
    private void write(Entry after, String sql, @Nullable Object... values) throws SQLException {
        long[] stored = one(sql, values);
        changes.put(after.id(), Optional.of(after.stored(stored[0], (int) stored[1])));
    }

    /** Writes exactly one row; returns the OID of the very table in which it is, or was, and its form. */
    private long[] one(String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql + " RETURNING tableoid::bigint, form", values);
                ResultSet row = statement.executeQuery()) {
            int count = 0;
            long[] stored = new long[2];
            while (row.next()) {
                count++;
                stored[0] = row.getLong(1);
                stored[1] = row.getLong(2);
            }
            if (count != 1) {
                throw new LedgerSurprise(
                        count + " rows for " + statement, Long.parseLong(String.valueOf(values[idOf(sql, values)])));
            }
            return stored;
        }
    }

    private static int idOf(String sql, @Nullable Object... values) {
        return sql.startsWith("INSERT") ? 0 : values.length - 1;
    }

    private PreparedStatement prepare(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    /** Lets go of the model's locks; after commit or rollback, and after the model was told. */
    @Override
    public void close() {
        held.forEach(Lock::unlock);
        held.clear();
    }
}
