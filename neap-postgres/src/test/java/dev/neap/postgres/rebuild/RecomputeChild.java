package dev.neap.postgres.rebuild;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.MissingInSource;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Stop;
import java.util.List;
import java.util.Map;

/** The process that is killed. Arguments: port, database, and the point to stand still at. */
final class RecomputeChild {
    private RecomputeChild() {}

    public static void main(String[] args) {
        ConnectionTarget target = new ConnectionTarget(
                "postgresql", "localhost", Integer.parseInt(args[0]), args[1], "postgres", null, Map.of());
        Neap neap = new Neap(new PostgresDialect(), target, Ledger.QUICK, point -> {
            if (point.name().equals(args[2])) {
                System.out.println("STANDS " + point);
                forever();
            }
        });
        neap.run(
                neap.plan(Revenue.backfill(
                        "fix-revenue",
                        "events",
                        Revenue.JOIN,
                        List.of("raw_events", "fx"),
                        MissingInSource.KEEP,
                        LiveWrites.CAPTURE,
                        Cutover.SWAP)),
                System.out::println,
                new Stop());
    }

    /** Only a SIGKILL ends it. */
    private static void forever() {
        while (true) {
            try {
                Thread.sleep(1_000);
            } catch (InterruptedException e) {
                System.out.println("interrupted");
            }
        }
    }
}
