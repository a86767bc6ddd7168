package dev.neap.mysql.fill;

import dev.neap.dialect.Dialect;
import dev.neap.mysql.MysqlDialect;
import dev.neap.testkit.MariaDbServer;
import dev.neap.testkit.fill.ApprovalContract;
import dev.neap.testkit.fill.FillEngine;

/** What must be proven before a fill may write in `prod`, on MariaDB. */
class MysqlApprovalTest extends ApprovalContract {
    @Override
    protected Dialect dialect() {
        return new MysqlDialect();
    }

    @Override
    protected FillEngine engine() {
        return FillEngine.of(MariaDbServer.newest());
    }
}
