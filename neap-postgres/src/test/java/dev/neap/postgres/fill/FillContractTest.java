package dev.neap.postgres.fill;

import dev.neap.dialect.Dialect;
import dev.neap.postgres.PostgresDialect;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.fill.FillContract;
import dev.neap.testkit.fill.FillEngine;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A fill on PostgreSQL, as every dialect does it; what is PostgreSQL's own is in {@link FillTest}. */
@ParameterizedClass
@MethodSource("dev.neap.testkit.PostgresServer#tested")
class FillContractTest extends FillContract {
    private final int major;

    FillContractTest(int major) {
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

    @Override
    protected String keyColumn() {
        return "key";
    }
}
