package dev.neap.postgres.planning;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import java.sql.Connection;
import java.sql.SQLException;

/** One read-only transaction with one snapshot, always rolled back. What is asked in it cannot write. */
public final class ReadOnly {
    private ReadOnly() {}

    /** Something that reads. */
    @FunctionalInterface
    public interface Work<T> {
        T read(Connection connection) throws SQLException;
    }

    /** Something that asks. */
    @FunctionalInterface
    public interface Asking<T> {
        T ask() throws SQLException;
    }

    /** Asks outside any transaction; what goes wrong is put in words. */
    public static <T> T translating(Asking<T> asking) {
        try {
            return asking.ask();
        } catch (SQLException e) {
            throw translated(e);
        }
    }

    /** Reads, with a limit on how long it waits for a lock and how long it takes. */
    public static <T> T read(Connection connection, Work<T> work) {
        return translating(() -> {
            connection.setAutoCommit(false);
            try {
                PlainSql.execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
                // A plan waits for nobody for long, and its snapshot must not hold back vacuum.
                PlainSql.execute(connection, "SET LOCAL lock_timeout = '5s'");
                PlainSql.execute(connection, "SET LOCAL statement_timeout = '120s'");
                PlainSql.execute(connection, "SET LOCAL standard_conforming_strings = on");
                // Where a policy holds for this role, a preflight check says so, and the rest can still be shown.
                PlainSql.execute(connection, "SET LOCAL row_security = on");
                return work.read(connection);
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        });
    }

    /** Kinds come from the SQLState, never from a message's text. */
    static NeapException translated(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        String said = PlainSql.message(e);
        return switch (state) {
            case "42501" ->
                new NeapException(
                        Kind.USAGE,
                        "The plan may not read what it needs (" + said + "); run the statements of `neap grants`.",
                        e);
            case "55P03" ->
                new NeapException(
                        Kind.LOCK,
                        "The plan waited 5 s for a table that another session has locked (" + said
                                + "); look for it in pg_stat_activity and plan again when it is done.",
                        e);
            case "57014" ->
                new NeapException(
                        Kind.STOP,
                        "A statement of the plan was cancelled (" + said
                                + "); plan again, at a quieter time if it took over two minutes.",
                        e);
            default ->
                new NeapException(
                        Kind.STOP,
                        state.startsWith("08")
                                ? "The connection to the server was lost (" + said + "); plan again when it is back."
                                : "The plan could not read the database (" + said + ", SQLState " + state
                                        + "); mend what it names and plan again.",
                        e);
        };
    }
}
