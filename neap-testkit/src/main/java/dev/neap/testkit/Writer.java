package dev.neap.testkit;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the application: one random transaction after another. What a busy database may answer (lock
 * timeout, deadlock, serialization failure, a lost connection) it survives; anything else is a finding.
 */
final class Writer implements Runnable {
    private static final Set<String> TRY_AGAIN = Set.of("40001", "40P01", "55P03", "57014");
    private static final Set<String> LOST = Set.of("57P01", "57P02", "57P03", "53300");

    private final Application application;
    private final WriterMoves moves;
    private final SplittableRandom random;
    private @Nullable Connection connection;

    Writer(Application application, int number, SplittableRandom random) {
        this.application = application;
        this.random = random;
        this.moves = new WriterMoves(application, number, random);
    }

    @Override
    public void run() {
        try {
            while (!application.stopping()) {
                application.busy().lock();
                try {
                    once();
                } finally {
                    application.busy().unlock();
                }
                TimeUnit.MICROSECONDS.sleep(random.nextInt(application.pauseMicros() + 1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            application.finding("a writer died: " + e);
        } finally {
            disconnect();
        }
    }

    private void once() throws InterruptedException {
        int form = application.form();
        long began = System.nanoTime();
        application.began(form);
        LedgerTransaction transaction = null;
        Connection now = null;
        try {
            now = connect();
            transaction = new LedgerTransaction(now, application.model(), form);
            transact(now, transaction);
        } catch (LedgerSurprise e) {
            application.finding(e.getMessage() + " (phase of the hot partition: " + application.hotPhase() + ") | "
                    + application.model().journal(e.id()));
            rollback(now);
        } catch (SQLException e) {
            failed(now, e);
        } finally {
            if (transaction != null) {
                transaction.close();
            }
            application.ended(form, System.nanoTime() - began);
        }
    }

    private void transact(Connection now, LedgerTransaction transaction) throws SQLException, InterruptedException {
        int isolation = random.nextInt(100);
        boolean snapshot = isolation < 20;
        transaction.execute(
                isolation < 15
                        ? "BEGIN ISOLATION LEVEL REPEATABLE READ"
                        : snapshot ? "BEGIN ISOLATION LEVEL SERIALIZABLE" : "BEGIN ISOLATION LEVEL READ COMMITTED");
        Made made = moves.make(transaction, snapshot);
        if (made.rollback() || (transaction.changes().isEmpty() && !made.truncated())) {
            transaction.execute("ROLLBACK");
            if (made.rollback()) {
                made.count(application.coverage(), application.phases());
            }
            return;
        }
        long mark = random.nextLong();
        write(now, mark);
        boolean committed = commit(transaction, mark);
        if (committed) {
            if (made.truncated()) {
                application.model().truncate("truncated");
            } else {
                application.model().apply(transaction.changes(), made.how());
            }
            made.count(application.coverage(), application.phases());
            application.committed();
        }
    }

    private boolean commit(LedgerTransaction transaction, long mark) throws SQLException, InterruptedException {
        try {
            transaction.execute("COMMIT");
            return true;
        } catch (SQLException e) {
            if (!lost(e)) {
                throw e;
            }
            disconnect();
            return outcome(mark);
        }
    }

    /**
     * The connection broke during COMMIT: only the server knows. The same mark is written again: this waits for the
     * transaction if it still runs, and finds its mark if it committed. (The number of the transaction would not do:
     * a server that was killed gives numbers out again that it had not written down.)
     */
    private boolean outcome(long mark) throws InterruptedException {
        while (true) {
            try (Connection fresh = application.connect()) {
                boolean committed = write(fresh, mark) == 0;
                application.resolved();
                return committed;
            } catch (SQLException e) {
                if (!lost(e)) {
                    throw new IllegalStateException("the outcome of a COMMIT is unknown: " + e, e);
                }
            }
            Thread.sleep(20);
        }
    }

    private static int write(Connection now, long mark) throws SQLException {
        try (Statement statement = now.createStatement()) {
            return statement.executeUpdate(
                    "INSERT INTO public.mark (id) VALUES (" + mark + ") ON CONFLICT (id) DO NOTHING");
        }
    }

    private Connection connect() throws SQLException {
        Connection now = connection;
        if (now == null || now.isClosed()) {
            now = application.connect();
            connection = now;
            try (Statement statement = now.createStatement()) {
                statement.execute("SET lock_timeout = '10s'; SET statement_timeout = '30s'");
            }
        }
        return now;
    }

    private void failed(@Nullable Connection now, SQLException e) throws InterruptedException {
        if (lost(e)) {
            disconnect();
            Thread.sleep(20);
        } else {
            rollback(now);
            if (!TRY_AGAIN.contains(String.valueOf(e.getSQLState()))) {
                application.finding("the application was refused: " + e.getSQLState() + " " + e.getMessage()
                        + " (phase of the hot partition: " + application.hotPhase() + ")");
            }
        }
        application.retried(String.valueOf(e.getSQLState()));
    }

    private static boolean lost(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith("08") || LOST.contains(state);
    }

    private void rollback(@Nullable Connection now) {
        if (now == null) {
            return;
        }
        try (Statement statement = now.createStatement()) {
            statement.execute("ROLLBACK");
        } catch (SQLException e) {
            disconnect();
        }
    }

    private void disconnect() {
        Connection now = connection;
        connection = null;
        if (now != null) {
            try {
                now.close();
            } catch (SQLException e) {
                // It was broken already.
                application.retried("close");
            }
        }
    }
}
