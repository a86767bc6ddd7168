package dev.neap.campaign;

import dev.neap.postgres.PostgresDialect;
import dev.neap.testkit.fill.FillChild;
import java.io.IOException;

/** The process that fills on PostgreSQL and is killed. */
final class FillProcess {
    private FillProcess() {}

    public static void main(String[] args) throws IOException {
        System.exit(FillChild.run(new PostgresDialect(), args));
    }
}
