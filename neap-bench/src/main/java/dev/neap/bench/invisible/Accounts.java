package dev.neap.bench.invisible;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BreakerLimits;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Profile;
import dev.neap.backfill.TableName;
import dev.neap.backfill.Throttle;
import dev.neap.bench.BenchServer;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The table that an application reads and writes, and whose column `cents` is to be filled. Of five requests one writes, both
 * columns at once; each is a transaction of its own. One page in twenty is in use, all over the table.
 *
 * @param rows how many it has, with the keys from 1 on
 */
record Accounts(int rows) {
    /** The application's role, which is not Neap's. */
    static final String APP = "bench_app";

    /** What it reads, on one row: what a canary of its user's may be. */
    static final String CANARY = "SELECT owner, balance FROM account WHERE id = 1";

    /** What fills it at once. */
    static final String STATEMENT = "UPDATE account SET cents = balance * 100 WHERE cents IS NULL";

    private static final int WRITES_ONE_OF = 5;
    /** Rows in a page, about. */
    private static final int PAGE = 60;
    /** So many pages apart are those in use. */
    private static final int APART = 20;

    Accounts {
        if (rows < PAGE * APART) {
            throw new IllegalArgumentException("take at least " + PAGE * APART + " --rows");
        }
    }

    void make(PostgresServer server) {
        server.createDatabase(BenchServer.BASE);
        server.execute(
                BenchServer.BASE,
                "DROP ROLE IF EXISTS " + APP,
                "CREATE ROLE " + APP + " LOGIN",
                "CREATE EXTENSION pg_stat_statements",
                "CREATE TABLE account (id bigint PRIMARY KEY, owner text NOT NULL, balance bigint NOT NULL, cents"
                        + " bigint)",
                "INSERT INTO account SELECT n, 'The owner of account ' || n || repeat('.', 60), n % 100000"
                        + " FROM generate_series(1, " + rows + ") n",
                "GRANT SELECT, UPDATE ON account TO " + APP,
                "VACUUM (ANALYZE) account");
    }

    /**
     * Writes to each page in use: what comes first after a checkpoint logs its page whole, and an application would get
     * faster and faster until it has touched them all.
     */
    void touch(PostgresServer server, String database) {
        server.execute(database, "UPDATE account SET balance = balance WHERE id % " + PAGE * APART + " = 1");
    }

    Clients.Request requests(Connection connection, int client) throws SQLException {
        SplittableRandom random = new SplittableRandom(client);
        PreparedStatement read = connection.prepareStatement("SELECT owner, balance FROM account WHERE id = ?");
        PreparedStatement write = connection.prepareStatement(
                "UPDATE account SET balance = balance + 1, cents = (balance + 1) * 100 WHERE id = ?");
        return () -> {
            PreparedStatement statement = random.nextInt(WRITES_ONE_OF) == 0 ? write : read;
            statement.setLong(1, inUse(random));
            statement.execute();
        };
    }

    private long inUse(SplittableRandom random) {
        return random.nextLong(rows / (PAGE * APART)) * PAGE * APART + random.nextLong(PAGE) + 1;
    }

    /** Of profile prod, so that its batches are the same whatever the pace. */
    static Backfill backfill(Pace pace, Throttle throttle) {
        TableName account = new TableName("public", "account");
        Fill fill = Fill.of(account, account, Map.of("cents", "balance * 100"));
        return new Backfill(
                "invisible",
                Profile.PROD,
                fill,
                pace,
                Profile.PROD.batchRows(),
                1,
                Map.of(),
                List.of(),
                throttle,
                BreakerLimits.of(throttle));
    }

    /** No row has been given anything else than what it should have. */
    static void check(PostgresServer server, String database) throws SQLException {
        BenchServer.mustBeTrue(server, database, "SELECT count(*) = 0 FROM account WHERE cents <> balance * 100");
    }
}
