package dev.neap.mysql.fill;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.mysql.query.Query;
import dev.neap.mysql.query.SqlFailures;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** A session and its transactions, all of them READ COMMITTED. */
final class FillSession implements AutoCloseable {
    private final Connection connection;
    private final LongConsumer killer;
    private final long id;

    /** @param killer ends what the session with this number executes, from another session */
    FillSession(Connection connection, LongConsumer killer) throws SQLException {
        this.connection = connection;
        this.killer = killer;
        this.id = Query.number(connection, "SELECT connection_id()");
    }

    /** Work, inside one transaction or outside any. */
    @FunctionalInterface
    interface Work<T> {
        T run(Connection connection) throws SQLException;
    }

    Connection connection() {
        return connection;
    }

    /** Runs and commits; rolls back on any failure. */
    <T> T in(Work<T> work) {
        return plainly(c -> {
            c.setAutoCommit(false);
            try {
                T result = work.run(c);
                c.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                rollback(e);
                throw e;
            } finally {
                if (!c.isClosed()) {
                    c.setAutoCommit(true);
                }
            }
        });
    }

    /** Runs statements that are transactions of their own. */
    <T> T plainly(Work<T> work) {
        try {
            return work.run(connection);
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    private void rollback(Exception e) {
        try {
            connection.rollback();
        } catch (SQLException lost) {
            e.addSuppressed(lost);
        }
    }

    /**
     * Locks the unit's row and tests the lease, by the clock and once the lock is had: the first statement of every
     * transaction that writes for it. Whoever holds the row is soon done with it, so this lock is waited for.
     *
     * @throws NeapException LOST_LEASE
     */
    static void hold(Connection c, long unit, long token) throws SQLException {
        require(
                Query.first(
                        c,
                        "SELECT EXISTS (SELECT 1 FROM neap.worker w WHERE w.id = u.worker_id AND w.expires_at > sysdate(6))"
                                + " FROM neap.unit u WHERE u.id = " + unit + " AND u.token = " + token
                                + " FOR UPDATE WAIT 10",
                        r -> r.getBoolean(1)),
                "unit " + unit);
    }

    /** The same for what concerns a fill as a whole. */
    static void holdFill(Connection c, long run, long worker) throws SQLException {
        require(
                Query.first(
                        c,
                        "SELECT EXISTS (SELECT 1 FROM neap.worker w WHERE w.id = " + worker
                                + " AND w.run_id = f.run_id AND"
                                + " w.expires_at > sysdate(6)) FROM neap.fill f WHERE f.run_id = " + run
                                + " FOR UPDATE WAIT 10",
                        r -> r.getBoolean(1)),
                "run " + run);
    }

    private static void require(Optional<Boolean> held, String what) {
        if (!held.orElse(false)) {
            throw new NeapException(Kind.LOST_LEASE, what + " has another owner, or its lease has expired");
        }
    }

    /** The first columns of a row as text. */
    static List<String> texts(ResultSet rs, int first, int columns) throws SQLException {
        List<String> values = new ArrayList<>();
        for (int i = first; i < first + columns; i++) {
            values.add(rs.getString(i));
        }
        return values;
    }

    /** Ends what is being executed now, from any thread. */
    void cancel() {
        killer.accept(id);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The server ends the session.
            return;
        }
    }
}
