package dev.neap.postgres.rebuild;

import dev.neap.backfill.Rebuild;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The set columns whose expression is immutable, so that computing it again must yield the same. PostgreSQL itself judges:
 * only such an expression may make a generated column.
 */
final class Repeatable {
    /** A transaction, which is rolled back when its work throws. */
    @FunctionalInterface
    interface Transactions {
        void run(UnitWork.Transaction<Boolean> work) throws SQLException;
    }

    private final Connection connection;
    private final Transactions transactions;
    private final String create;
    private final String table;

    /**
     * @param transactions of the connection
     * @param create makes a table with the columns, for the question alone: it is never committed
     * @param table its name, quoted
     */
    Repeatable(Connection connection, Transactions transactions, String create, String table) {
        this.connection = connection;
        this.transactions = transactions;
        this.create = create;
        this.table = table;
    }

    /** @throws SQLException where the session is lost, or the table cannot be made */
    List<String> columns(Rebuild rebuild) throws SQLException {
        List<String> all = new ArrayList<>();
        String right = rebuild.alreadyRight();
        if (right == null || immutable(right)) {
            for (Map.Entry<String, String> set : rebuild.set().entrySet()) {
                if (immutable(set.getValue())) {
                    all.add(set.getKey());
                }
            }
        }
        return all;
    }

    private boolean immutable(String expression) throws SQLException {
        try {
            transactions.run(s -> {
                // Where it may not be asked at all, there is no answer.
                s.execute(create);
                throw new Answer(generates(s, expression));
            });
            throw new IllegalStateException("a question is never committed");
        } catch (Answer answer) {
            return answer.yes;
        }
    }

    private boolean generates(Statement s, String expression) throws SQLException {
        try {
            s.execute("ALTER TABLE " + table + " ADD COLUMN neap_made text GENERATED ALWAYS AS (CAST((" + expression
                    + "\n) AS text)) STORED");
            return true;
        } catch (SQLException no) {
            if (connection.isClosed()) {
                throw no;
            }
            return false;
        }
    }

    /** Ends a transaction that was only a question. */
    private static final class Answer extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final boolean yes;

        Answer(boolean yes) {
            super(null, null, false, false);
            this.yes = yes;
        }
    }
}
