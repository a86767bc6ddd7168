package dev.neap.postgres;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Pace;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Plans the table of many partitions in a process of its own: port, database. */
final class ManyPartitionsPlan {
    private ManyPartitionsPlan() {}

    public static void main(String[] arguments) {
        ConnectionTarget target = new ConnectionTarget(
                "postgresql", "localhost", Integer.parseInt(arguments[0]), arguments[1], "postgres", null, Map.of());
        Plan plan = new Neap(new PostgresDialect(), target, Tuning.DEFAULT, Probe.NONE).plan(backfill());
        System.out.println("planned " + plan.units().size() + " units of "
                + plan.estimate().rows() + " rows");
    }

    static Backfill backfill() {
        Rebuild rebuild = new Rebuild(
                new TableName("public", "big"),
                PartitionRange.all(),
                Map.of("v", "abs(v)"),
                null,
                ApplicationWrites.NEW,
                LiveWrites.CAPTURE,
                Duration.ofDays(7));
        return new Backfill(
                "many", Profile.DEV, rebuild, Pace.unlimited(), Profile.DEV.batchRows(), 1, Map.of(), List.of());
    }
}
