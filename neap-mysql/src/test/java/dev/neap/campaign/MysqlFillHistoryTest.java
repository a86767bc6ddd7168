package dev.neap.campaign;

import dev.neap.dialect.Dialect;
import dev.neap.mysql.MysqlDialect;
import dev.neap.testkit.MariaDbServer;
import dev.neap.testkit.fill.FillEngine;
import dev.neap.testkit.fill.FillHistoryContract;

/** Random histories on MariaDB. */
class MysqlFillHistoryTest extends FillHistoryContract {
    @Override
    protected Dialect dialect() {
        return new MysqlDialect();
    }

    @Override
    protected FillEngine engine(long seed) {
        return FillEngine.of(MariaDbServer.shared());
    }

    @Override
    protected int slice() {
        return 5;
    }
}
