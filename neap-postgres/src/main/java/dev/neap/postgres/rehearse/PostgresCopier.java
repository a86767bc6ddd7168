package dev.neap.postgres.rehearse;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.dialect.Copier;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Plan;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.rehearse.Copied;
import dev.neap.rehearse.CopyRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;

/**
 * Copies from one PostgreSQL server. The source is read in one read-only transaction with one snapshot, which is rolled
 * back, on a session in which every transaction is read-only.
 */
public final class PostgresCopier implements Copier {
    private final From from;
    private final To to;

    /** Where a session on the source comes from. */
    @FunctionalInterface
    public interface From {
        /** A session in autocommit, closed by who asked for it. */
        Connection open() throws SQLException;
    }

    /** Where a session on the other server comes from. */
    @FunctionalInterface
    public interface To {
        /** A session in autocommit, closed by who asked for it. */
        Connection open(ConnectionTarget target) throws SQLException;
    }

    public PostgresCopier(From from, To to) {
        this.from = from;
        this.to = to;
    }

    @Override
    public Copied copy(Plan plan, ConnectionTarget target, CopyRequest request, Consumer<String> tell) {
        try (Connection source = from.open();
                Connection copy = to.open(target)) {
            String path = begin(source);
            try {
                PlainSql.execute(copy, "SET lock_timeout = 0");
                PlainSql.execute(copy, "SET check_function_bodies = off");
                PlainSql.execute(copy, "SET search_path = ''");
                DatabaseCopy work = new DatabaseCopy(source, copy, plan, path, request, tell);
                work.readDefinitions();
                work.copyRows();
                // From here on nothing of the source is needed.
                source.rollback();
                work.addConstraints();
                if (!path.isEmpty()) {
                    PlainSql.execute(
                            copy,
                            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = "
                                    + path.replace("%", "%%").replace("'", "''") + "', current_database()); END $$");
                }
                return work.copied();
            } finally {
                if (!source.isClosed()) {
                    source.rollback();
                }
            }
        } catch (SQLException e) {
            NeapException explained = SqlFailures.explain(e);
            throw new NeapException(
                    NeapException.Kind.STOP, "the copy for the rehearsal failed: " + explained.getMessage(), e);
        }
    }

    /** Returns the schemas that unqualified names are looked up in. */
    private static String begin(Connection source) throws SQLException {
        PlainSql.execute(source, "SET default_transaction_read_only = on");
        source.setAutoCommit(false);
        PlainSql.execute(source, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        PlainSql.execute(source, "SET LOCAL statement_timeout = '60s'");
        PlainSql.execute(source, "SET LOCAL max_parallel_workers_per_gather = 0");
        String path = Query.of(source, """
                        SELECT coalesce(string_agg(quote_ident(s), ', ' ORDER BY n), '')
                        FROM unnest(current_schemas(false)) WITH ORDINALITY AS u(s, n)
                        """).text();
        PlainSql.execute(source, "SET LOCAL search_path = ''");
        return path;
    }
}
