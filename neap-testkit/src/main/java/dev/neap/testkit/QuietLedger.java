package dev.neap.testkit;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * A ledger in a database of its own that no application writes to, for tests of readers and of speed.
 *
 * @param ledger its shape
 * @param database where it is
 */
public record QuietLedger(Ledger ledger, String database) {
    /** Makes the database and fills each partition with so many rows, all in form 1. */
    public static QuietLedger fill(PostgresServer server, String database, int partitions, int rowsEach) {
        Ledger ledger = new Ledger(partitions, false, true, 10);
        server.createDatabase(database);
        server.execute(database, ledger.ddl().toArray(String[]::new));
        for (int partition = 0; partition < partitions; partition++) {
            String day = "date '" + Ledger.firstDay(partition) + "' + (n % 28)::int";
            server.execute(
                    database,
                    rows(ledger.fixedId(partition, 0), ledger.fixedRows(), day),
                    rows(Application.OWN_IDS + (long) partition * rowsEach, rowsEach - ledger.fixedRows(), day));
        }
        server.execute(database, "VACUUM ANALYZE public.ledger");
        return new QuietLedger(ledger, database);
    }

    private static String rows(long first, int count, String day) {
        return "INSERT INTO public.ledger SELECT n, " + day + ", 1 + n % " + Ledger.ACCOUNTS
                + ", n % 1000, -(n % 1000), 1, 1, 'quiet ' || n FROM generate_series(" + first + ", "
                + (first + count - 1)
                + ") n";
    }

    /** What a rebuilder gets. */
    public History.Setting setting(PostgresServer server, List<String> replicas) {
        return new History.Setting(
                server.target(database),
                ledger.backfill(ApplicationWrites.OLD, 5_000, replicas),
                RunListener.SILENT,
                Probe.NONE,
                RunListener.SILENT,
                ledger);
    }

    /** How many rows are still in form 1. */
    public long oldRows(PostgresServer server) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM public.ledger WHERE form = 1")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
