package dev.neap.cli.demo;

import dev.neap.cli.server.OwnServer;
import dev.neap.dialect.NeapException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The server and the bank in it, before anything happens. */
final class Stage {
    /** The database of the bank as it was at first; copied, never changed, where it is needed more than once. */
    static final String DATABASE = "demo";

    private static final String CATALOG = """
            SELECT relname || ' ' || what FROM (
                SELECT c.relname, 'index ' || i.indexname AS what
                FROM pg_class c JOIN pg_indexes i ON i.schemaname = 'bank' AND i.tablename = c.relname
                WHERE c.relnamespace = 'bank'::regnamespace
                UNION ALL
                SELECT c.relname, 'constraint ' || o.conname || ' ' || pg_get_constraintdef(o.oid)
                    || CASE WHEN o.convalidated THEN '' ELSE ' NOT VALID' END
                FROM pg_class c JOIN pg_constraint o ON o.conrelid = c.oid
                WHERE c.relnamespace = 'bank'::regnamespace
                UNION ALL
                SELECT c.relname, 'trigger ' || t.tgname
                FROM pg_class c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
                     -- What records later writes as long as a swap can be undone.
                     AND t.tgname NOT LIKE 'neap\\_undo\\_%'
                WHERE c.relnamespace = 'bank'::regnamespace
                UNION ALL
                SELECT c.relname, coalesce(pg_get_expr(c.relpartbound, c.oid), 'no partition')
                FROM pg_class c WHERE c.relnamespace = 'bank'::regnamespace AND c.relkind IN ('r', 'p')
            ) AS all_of_it ORDER BY 1""";

    private Stage() {}

    /** Makes the bank, on two connections. */
    static void fill(OwnServer server, Bank bank) throws SQLException {
        server.execute("postgres", List.of("CREATE DATABASE " + DATABASE));
        server.execute(DATABASE, bank.tables());
        ExecutorService two = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> months = new ArrayList<>();
            for (int index : bank.indexes()) {
                months.add(two.submit(() -> {
                    server.execute(DATABASE, bank.fill(index));
                    return null;
                }));
            }
            for (Future<?> month : months) {
                month.get();
            }
        } catch (ExecutionException e) {
            throw new NeapException(NeapException.Kind.STOP, "The demo's table could not be made: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(NeapException.Kind.STOP, "Interrupted", e);
        } finally {
            two.shutdownNow();
        }
        server.execute(DATABASE, Bank.keys());
    }

    /** Every index, constraint, trigger and bound of the bank's tables, one a line. */
    static List<String> catalog(String url) throws SQLException {
        return column(url, CATALOG);
    }

    /** The server's version and how durable it is, for people. */
    static String describe(String url) throws SQLException {
        return column(url, """
                        SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)
                            || ', fsync ' || current_setting('fsync')
                            || ', synchronous_commit ' || current_setting('synchronous_commit')
                            || ', shared_buffers ' || current_setting('shared_buffers')""").get(0);
    }

    private static List<String> column(String url, String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }
}
