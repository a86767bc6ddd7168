package dev.neap.postgres.fill;

import dev.neap.dialect.Dialect;
import dev.neap.postgres.PostgresDialect;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.fill.ApprovalContract;
import dev.neap.testkit.fill.FillEngine;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What must be proven before a fill may write in `prod`, on PostgreSQL. */
@ParameterizedClass
@MethodSource("dev.neap.testkit.PostgresServer#tested")
class ApprovalContractTest extends ApprovalContract {
    private final int major;

    ApprovalContractTest(int major) {
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
