package dev.neap.bench.invisible;

import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** All rows in one statement; cancelled where it has not ended when it is closed. */
final class OneStatement implements Work {
    /** How the server ends what is cancelled. */
    private static final String CANCELLED = "57014";

    private final Connection connection;
    private final Statement statement;
    private final CompletableFuture<Long> rows;

    private OneStatement(Connection connection, String sql) throws SQLException {
        this.connection = connection;
        this.statement = connection.createStatement();
        this.rows = CompletableFuture.supplyAsync(() -> execute(sql));
    }

    static Beginner of(PostgresServer server, String sql) {
        return database -> new OneStatement(server.connect(database), sql);
    }

    private long execute(String sql) {
        try {
            return statement.executeLargeUpdate(sql);
        } catch (SQLException e) {
            if (CANCELLED.equals(e.getSQLState())) {
                return 0;
            }
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public long rows() {
        return rows.getNow(0L);
    }

    @Override
    public boolean ended() {
        return rows.isDone();
    }

    @Override
    public boolean inTurns() {
        return false;
    }

    @Override
    public void pause() {
        throw new IllegalStateException("a statement cannot be paused");
    }

    @Override
    public void goOn() {
        throw new IllegalStateException("a statement cannot be paused");
    }

    @Override
    public Said said() {
        return Said.NOTHING;
    }

    @Override
    public void close() throws SQLException {
        try (connection) {
            if (!rows.isDone()) {
                statement.cancel();
            }
            rows.get(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the statement: " + e, e);
        }
    }
}
