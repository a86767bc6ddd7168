package dev.neap.campaign;

import dev.neap.dialect.Dialect;
import dev.neap.mysql.MysqlDialect;
import dev.neap.testkit.MariaDbServer;
import dev.neap.testkit.fill.FillEngine;
import dev.neap.testkit.fill.FillHistoryContract;

/** Random histories on MariaDB: most on the newest version, some on the oldest. */
class MysqlFillHistoryTest extends FillHistoryContract {
    private static final int OLDEST_EACH = 4;

    @Override
    protected Dialect dialect() {
        return new MysqlDialect();
    }

    @Override
    protected FillEngine engine(long seed) {
        return FillEngine.of(seed % OLDEST_EACH == 0 ? MariaDbServer.oldest() : MariaDbServer.newest());
    }

    @Override
    protected int slice() {
        return 5;
    }
}
