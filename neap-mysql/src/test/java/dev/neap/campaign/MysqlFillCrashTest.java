package dev.neap.campaign;

import dev.neap.testkit.MariaDbServer;
import dev.neap.testkit.fill.FillCrashContract;
import dev.neap.testkit.fill.FillEngine;

/** Fills that are killed, on MariaDB. */
class MysqlFillCrashTest extends FillCrashContract {
    @Override
    protected FillEngine engine() {
        return FillEngine.of(MariaDbServer.newest());
    }

    @Override
    protected int slice() {
        return 1;
    }

    @Override
    protected Class<?> child() {
        return FillProcess.class;
    }
}
