package dev.neap.postgres.rehearse;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.Practice;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What the database refused a writer. */
final class Refusals {
    /** Schemas and functions of Neap's, not of the rehearsal's own bookkeeping. */
    private static final Pattern NEAPS = Pattern.compile("\\bneap(_work_\\d+|_kept_\\d+)?(\\.|$)");

    private Refusals() {}

    /**
     * Rolls back, and says why in words that can be counted. What Neap has made may refuse no write; only a deadlock is
     * nobody's alone.
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
        String wrong = !state.equals("40P01") && ofNeap(e) ? "a write was refused by what Neap made: " + why : "";
        return new Practice.Did(why, false, wrong);
    }

    /** Whether it failed within a function of Neap's, or for a constraint of a table of Neap's. */
    private static boolean ofNeap(SQLException e) {
        ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        return server != null
                && Stream.of(server.getWhere(), server.getSchema())
                        .anyMatch(each -> each != null && NEAPS.matcher(each).find());
    }
}
