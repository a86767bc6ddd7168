package dev.neap.postgres.rehearse;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.Practice;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;

/** What the database refused a writer. */
final class Refusals {
    private Refusals() {}

    /**
     * Rolls back, and says why in words that can be counted.
     *
     * @throws NeapException when the session is lost
     */
    static Practice.Did of(Connection connection, SQLException e) {
        try {
            connection.rollback();
        } catch (SQLException gone) {
            throw SqlFailures.explain(gone);
        }
        String state = SqlFailures.state(e);
        String why = state.startsWith("23")
                ? "refused by a constraint"
                : state.equals("40P01") ? "deadlock" : PlainSql.message(e);
        return new Practice.Did(why, false, "");
    }
}
