package dev.neap.postgres.fill;

import dev.neap.dialect.Dialect;
import dev.neap.postgres.PostgresDialect;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.fill.FillBesideContract;
import dev.neap.testkit.fill.FillEngine;

/** A fill on PostgreSQL beside an application. */
class FillBesideContractTest extends FillBesideContract {
    @Override
    protected Dialect dialect() {
        return new PostgresDialect();
    }

    @Override
    protected FillEngine engine() {
        return FillEngine.of(PostgresServer.newest());
    }
}
