package dev.neap.testkit;

import dev.neap.backfill.TableName;
import dev.neap.plan.Step;
import dev.neap.run.RunEvent;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * The recipe that is copied everywhere: a table LIKE the partition, INSERT … SELECT, then DETACH and ATTACH as two
 * statements in autocommit. It loses writes and shows empty partitions: the checks of this kit must see that.
 */
public final class TwoStatementRecipe {
    private static final String DEADLOCK = "40P01";
    private static final int MOST_ATTEMPTS = 40;
    private static final int MOST_TRIES = 6;

    private TwoStatementRecipe() {}

    /** Rebuilds every partition of the ledger that way. */
    public static void rebuild(History.Setting setting) throws SQLException {
        String url = PostgresServer.url(
                setting.target().host(),
                setting.target().port(),
                setting.target().database(),
                setting.target().user());
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            for (int partition = setting.ledger().partitions() - 1; partition >= 0; partition--) {
                one(statement, setting, partition);
            }
        }
    }

    /**
     * Rebuilds a quiet ledger that way while readers look at it, and again until they have seen it empty: whether one looks
     * at the right moment is luck.
     *
     * @return what they saw the last time
     */
    public static ReaderPolls watched(PostgresServer server, String database) throws SQLException {
        for (int i = 1; ; i++) {
            QuietLedger ledger = QuietLedger.fill(server, database, 12, 20_000);
            ReaderPolls seen;
            try (ReaderPolls polls = ReaderPolls.start(server, null, database, Reader.thatDoNotWrite())) {
                seen = polls;
                rebuild(ledger.setting(server, List.of()));
            }
            System.out.println(seen.table());
            boolean empty = seen.tally(Reader.READ_COMMITTED).empties() > 0
                    && seen.tally(Reader.REPEATABLE_READ).empties() > 0;
            if (empty || i == MOST_TRIES) {
                return seen;
            }
        }
    }

    private static void one(Statement statement, History.Setting setting, int partition) throws SQLException {
        String leaf = Ledger.leaf(partition);
        TableName name = new TableName("public", leaf);
        setting.listener().on(new RunEvent.UnitStarted(partition, partition, name, 0, 1, 0));
        setting.listener().on(new RunEvent.StepStarted(partition, Step.LOAD));
        statement.execute("CREATE TABLE public.fresh (LIKE public." + leaf + " INCLUDING ALL)");
        statement.execute("INSERT INTO public.fresh SELECT id, day, account_id,"
                + " CASE form WHEN 1 THEN debit * 100 ELSE debit END, CASE form WHEN 1 THEN credit * 100 ELSE credit END,"
                + " version, 2, note FROM public." + leaf);
        setting.listener().on(new RunEvent.StepStarted(partition, Step.SWAP));
        patiently(statement, "ALTER TABLE public.ledger DETACH PARTITION public." + leaf);
        patiently(
                statement,
                "ALTER TABLE public.ledger ATTACH PARTITION public.fresh FOR VALUES FROM ('"
                        + Ledger.firstDay(partition) + "') TO ('" + Ledger.firstDay(partition + 1) + "')");
        statement.execute("ALTER TABLE public." + leaf + " RENAME TO " + leaf + "_old");
        statement.execute("ALTER TABLE public.fresh RENAME TO " + leaf);
        setting.listener()
                .on(new RunEvent.UnitDone(partition, name, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO));
    }

    /** Whoever uses it tries again where it was the victim of a deadlock with its readers. */
    private static void patiently(Statement statement, String sql) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                statement.execute(sql);
                return;
            } catch (SQLException e) {
                if (!DEADLOCK.equals(e.getSQLState()) || attempt == MOST_ATTEMPTS) {
                    throw e;
                }
                // Not in step with who was in the way.
                LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(200_000_000));
            }
        }
    }
}
