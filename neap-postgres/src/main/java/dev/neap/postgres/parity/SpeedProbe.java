package dev.neap.postgres.parity;

import dev.neap.parity.Figure;
import dev.neap.parity.Survey;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How fast a server is: round trips, commits, and a batch. It writes one line of log for each commit and rows of a temporary
 * table that is rolled back; it ends after {@value #MOST_SECONDS} seconds, whatever it has measured by then.
 */
final class SpeedProbe {
    static final int MOST_SECONDS = 10;

    private static final int TRIPS = 200;
    private static final int COMMITS = 60;
    private static final int BATCHES = 6;
    private static final int BATCH_ROWS = 5_000;

    /** Not enough to tell a slow one from the others. */
    private static final int LEAST = 20;

    private SpeedProbe() {}

    /** @param connection in autocommit */
    static Survey of(Connection connection) throws SQLException {
        long end = System.nanoTime() + MOST_SECONDS * 1_000_000_000L;
        List<Figure> figures = new ArrayList<>();
        List<String> unseen = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(MOST_SECONDS);
            times("round trip", TRIPS, end, figures, unseen, () -> statement.execute("SELECT 1"));
            if (Query.of(
                            connection,
                            "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean")
                    .truth()) {
                unseen.add("commits and batches: the server is a standby, or lets nobody write");
                return new Survey(List.of(), figures, unseen);
            }
            // A message in the log makes the commit wait for the disk, as that of a batch does, and leaves nothing
            // else.
            times(
                    "commit",
                    COMMITS,
                    end,
                    figures,
                    unseen,
                    () -> statement.execute("SELECT pg_logical_emit_message(true, 'neap', 'parity')"));
            if (Query.of(connection, "SELECT has_database_privilege(current_database(), 'TEMPORARY')")
                    .truth()) {
                batches(connection, statement, end, figures, unseen);
            } else {
                unseen.add("batches: the role may not create temporary tables in this database");
            }
        }
        return new Survey(List.of(), figures, unseen);
    }

    /** Something whose time is taken. */
    private interface Act {
        void act() throws SQLException;
    }

    private static double[] take(int times, long end, Act act) throws SQLException {
        double[] millis = new double[times];
        int taken = 0;
        while (taken < times && System.nanoTime() < end) {
            long began = System.nanoTime();
            act.act();
            millis[taken++] = (System.nanoTime() - began) / 1e6;
        }
        double[] seen = Arrays.copyOf(millis, taken);
        Arrays.sort(seen);
        return seen;
    }

    private static void times(String name, int times, long end, List<Figure> figures, List<String> unseen, Act act)
            throws SQLException {
        double[] millis = take(times, end, act);
        if (millis.length < LEAST) {
            unseen.add(name + ": the probe's " + MOST_SECONDS + " s were over");
            return;
        }
        figures.add(new Figure("speed", name + ", p50", percentile(millis, 50), "ms", 1, 2, 10));
        figures.add(new Figure("speed", name + ", p99", percentile(millis, 99), "ms", 5, 2, 10));
    }

    static double percentile(double[] sorted, int percent) {
        return sorted[Math.min(sorted.length - 1, (sorted.length * percent + 99) / 100 - 1)];
    }

    private static void batches(
            Connection connection, Statement statement, long end, List<Figure> figures, List<String> unseen)
            throws SQLException {
        connection.setAutoCommit(false);
        try {
            statement.execute(
                    "CREATE TEMPORARY TABLE neap_probe (id bigint PRIMARY KEY, name text, at timestamptz) ON COMMIT DROP");
            int[] batch = {0};
            double[] millis = take(
                    BATCHES,
                    end,
                    () -> statement.execute("INSERT INTO neap_probe SELECT n, md5(n::text), now() FROM generate_series("
                            + batch[0] * BATCH_ROWS + ", " + (++batch[0] * BATCH_ROWS - 1) + ") AS n"));
            if (millis.length == 0) {
                unseen.add("batches: the probe's " + MOST_SECONDS + " s were over");
            } else {
                double rows = BATCH_ROWS * 1000.0 / Math.max(0.001, percentile(millis, 50));
                figures.add(new Figure("speed", "batch", rows, "rows/s", 1_000, 2, 10));
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }
}
