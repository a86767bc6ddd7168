package dev.neap.postgres.fill;

import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.verify.VerifyRequest;
import java.util.Map;

/** Verifies a fill, in a process of its own that is to be killed: port, database, the file's fill. */
final class VerifyChild {
    private VerifyChild() {}

    public static void main(String[] arguments) {
        ConnectionTarget target = new ConnectionTarget(
                "postgresql", "localhost", Integer.parseInt(arguments[0]), arguments[1], "postgres", null, Map.of());
        BackfillFile file = FillDatabase.file("dev", arguments[2]);
        new Neap(new PostgresDialect(), target, FillDatabase.SHORT, Probe.NONE)
                .verify(file.backfill(), file.verification(), VerifyRequest.EVERY_ROW);
        System.out.println("verified to the end");
    }
}
