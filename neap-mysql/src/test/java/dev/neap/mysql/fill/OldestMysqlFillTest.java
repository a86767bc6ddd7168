package dev.neap.mysql.fill;

import dev.neap.testkit.MariaDbServer;
import dev.neap.testkit.fill.FillEngine;

/** The same on the oldest MariaDB. */
class OldestMysqlFillTest extends MysqlFillTest {
    @Override
    protected FillEngine engine() {
        return FillEngine.of(MariaDbServer.oldest());
    }

    @Override
    protected boolean comparesUuidsAsItSortsThem() {
        return false;
    }
}
