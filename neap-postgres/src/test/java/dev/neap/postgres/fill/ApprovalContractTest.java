package dev.neap.postgres.fill;

import dev.neap.dialect.Dialect;
import dev.neap.postgres.PostgresDialect;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.fill.ApprovalContract;
import dev.neap.testkit.fill.FillEngine;

/** What must be proven before a fill may write in `prod`, on PostgreSQL. */
class ApprovalContractTest extends ApprovalContract {
    @Override
    protected Dialect dialect() {
        return new PostgresDialect();
    }

    @Override
    protected FillEngine engine() {
        return FillEngine.of(PostgresServer.newest());
    }
}
