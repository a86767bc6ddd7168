package dev.neap.postgres.rehearse;

import dev.neap.dialect.NeapException;
import dev.neap.postgres.planning.PlainSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Statements whose order is not known: what fails is tried again after the others, until nothing gets further. */
final class Script {
    private Script() {}

    /**
     * Runs them in autocommit.
     *
     * @param what what they make, for the message
     * @throws NeapException STOP with the first of those that never succeed
     */
    static void run(Connection connection, List<String> statements, String what) throws SQLException {
        List<String> left = statements;
        while (!left.isEmpty()) {
            List<String> failed = new ArrayList<>();
            SQLException first = null;
            for (String statement : left) {
                try {
                    PlainSql.execute(connection, statement);
                } catch (SQLException e) {
                    failed.add(statement);
                    first = first == null ? e : first;
                }
            }
            if (first != null && failed.size() == left.size()) {
                throw new NeapException(
                        NeapException.Kind.STOP,
                        "a rehearsal cannot copy " + what + ": " + PlainSql.message(first) + " (at \""
                                + failed.get(0).lines().findFirst().orElse("") + "\")",
                        first);
            }
            left = failed;
        }
    }
}
