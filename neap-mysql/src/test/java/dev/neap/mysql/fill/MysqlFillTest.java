package dev.neap.mysql.fill;

import dev.neap.dialect.Dialect;
import dev.neap.mysql.MysqlDialect;
import dev.neap.testkit.MariaDbServer;
import dev.neap.testkit.fill.FillContract;
import dev.neap.testkit.fill.FillEngine;

/** A fill on MariaDB. */
class MysqlFillTest extends FillContract {
    @Override
    protected Dialect dialect() {
        return new MysqlDialect();
    }

    @Override
    protected FillEngine engine() {
        return FillEngine.of(MariaDbServer.newest());
    }

    @Override
    protected String keyColumn() {
        return "`key`";
    }
}
