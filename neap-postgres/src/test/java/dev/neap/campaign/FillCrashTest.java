package dev.neap.campaign;

import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.fill.FillCrashContract;
import dev.neap.testkit.fill.FillEngine;

/** Fills that are killed, on PostgreSQL. */
class FillCrashTest extends FillCrashContract {
    @Override
    protected FillEngine engine() {
        return FillEngine.of(PostgresServer.newest());
    }

    @Override
    protected int slice() {
        return 3;
    }

    @Override
    protected Class<?> child() {
        return FillProcess.class;
    }
}
