package dev.neap.campaign;

import dev.neap.dialect.Dialect;
import dev.neap.postgres.PostgresDialect;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.fill.FillEngine;
import dev.neap.testkit.fill.FillHistoryContract;

/** Random histories on PostgreSQL: most on the newest version, some on the oldest. */
class FillHistoryTest extends FillHistoryContract {
    private static final int OLDEST_EACH = 4;

    @Override
    protected Dialect dialect() {
        return new PostgresDialect();
    }

    @Override
    protected FillEngine engine(long seed) {
        return FillEngine.of(seed % OLDEST_EACH == 0 ? PostgresServer.oldest() : PostgresServer.newest());
    }

    @Override
    protected int slice() {
        return 8;
    }
}
