package dev.neap.campaign;

import dev.neap.mysql.MysqlDialect;
import dev.neap.testkit.fill.FillChild;
import java.io.IOException;

/** The process that fills on MariaDB and is killed. */
final class FillProcess {
    private FillProcess() {}

    public static void main(String[] args) throws IOException {
        System.exit(FillChild.run(new MysqlDialect(), args));
    }
}
