package dev.neap.postgres.fill;

import dev.neap.dialect.Dialect;
import dev.neap.postgres.PostgresDialect;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.fill.FillContract;
import dev.neap.testkit.fill.FillEngine;

/** A fill on PostgreSQL, as every dialect does it; what is PostgreSQL's own is in {@link FillTest}. */
class FillContractTest extends FillContract {
    @Override
    protected Dialect dialect() {
        return new PostgresDialect();
    }

    @Override
    protected FillEngine engine() {
        return FillEngine.of(PostgresServer.newest());
    }

    @Override
    protected String keyColumn() {
        return "key";
    }
}
