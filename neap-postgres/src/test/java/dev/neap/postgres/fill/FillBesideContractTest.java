package dev.neap.postgres.fill;

import dev.neap.dialect.Dialect;
import dev.neap.postgres.PostgresDialect;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.fill.FillBesideContract;
import dev.neap.testkit.fill.FillEngine;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A fill on PostgreSQL beside an application. */
@ParameterizedClass
@MethodSource("dev.neap.testkit.PostgresServer#tested")
class FillBesideContractTest extends FillBesideContract {
    private final int major;

    FillBesideContractTest(int major) {
        this.major = major;
    }

    @Override
    protected Dialect dialect() {
        return new PostgresDialect();
    }

    @Override
    protected FillEngine engine() {
        return FillEngine.of(PostgresServer.of(major));
    }
}
