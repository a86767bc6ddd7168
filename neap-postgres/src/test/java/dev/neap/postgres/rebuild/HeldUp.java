package dev.neap.postgres.rebuild;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;

/** Holds a unit up at a moment that no point names, until a session was seen to wait there. */
final class HeldUp {
    private HeldUp() {}

    /**
     * To be called before a unit makes its shadow: the transaction that makes it waits until these statements have
     * committed. What it was made from had been read of the catalog by then.
     */
    static CompletableFuture<Void> changeBeforeTheShadow(Ledger ledger, long unit, String... sql) {
        try {
            Connection connection = ledger.server.connect(ledger.database);
            connection.setAutoCommit(false);
            Statement s = connection.createStatement();
            s.execute("SELECT FROM neap.unit WHERE id = " + unit + " FOR UPDATE");
            return CompletableFuture.runAsync(() -> {
                try (connection) {
                    awaitTrue(
                            s,
                            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
                                    + " AND locktype = 'transactionid' AND transactionid = pg_current_xact_id()::xid)");
                    for (String statement : sql) {
                        s.execute(statement);
                    }
                    connection.commit();
                } catch (SQLException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Asks until the answer is true; goes on after some seconds whatever it is. */
    static void awaitTrue(Statement s, String question) throws SQLException, InterruptedException {
        boolean answer = false;
        for (int i = 0; !answer && i < 500; i++) {
            Thread.sleep(10);
            try (ResultSet rs = s.executeQuery(question)) {
                rs.next();
                answer = rs.getBoolean(1);
            }
        }
    }
}
