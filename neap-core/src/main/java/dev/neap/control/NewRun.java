package dev.neap.control;

import dev.neap.backfill.Fill;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Pace;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.plan.Step;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** Records a run and its units. */
final class NewRun {
    private NewRun() {}

    static long create(Handle handle, Plan plan, String serverIdentity) {
        return handle.inTransaction(h -> {
            long run = insertRun(h, plan, serverIdentity);
            insertUnits(h, run, plan.units());
            if (plan.backfill().fills()) {
                h.execute(
                        "INSERT INTO neap.fill (run_id, whole) VALUES (?, ?)",
                        run,
                        wholeLook(plan.backfill().fill()));
                return run;
            }
            h.execute(
                    """
                    UPDATE neap.unit u SET state = 'skipped', settled = true,
                           cause = 'rebuilt by run ' || before.run_id || ' of the same declaration'
                    FROM neap.unit before JOIN neap.run r ON r.id = before.run_id
                    WHERE u.run_id = ? AND before.run_id <> u.run_id AND before.state = 'done' AND (before.settled OR ?)
                      AND r.declared = ? AND before.schema_name = u.schema_name
                      AND before.partition_name = u.partition_name AND before.bound = u.bound
                    """,
                    run,
                    plan.backfill().rebuild().writes() == LiveWrites.NONE,
                    plan.backfill().declared());
            return run;
        });
    }

    /** A change to another table that is read is not captured: only a look at every row shows what it did. */
    private static boolean wholeLook(Fill fill) {
        return !fill.inPlace() && !fill.reads().isEmpty();
    }

    private static long insertRun(Handle h, Plan plan, String serverIdentity) {
        Pace pace = plan.backfill().pace();
        RowsPerSecond rate = pace.rate();
        return h.createQuery("""
                        INSERT INTO neap.run (backfill, declared, schema_name, table_name, plan_hash, server_identity, rate, pause_ms,
                                              batch_pause_ms, keep_old_s, replicas)
                        VALUES (:backfill, :declared, :schema, :table, :hash, :identity, :rate, :pause, :batchPause, :keep,
                                :replicas)
                        RETURNING id
                        """)
                .bind("backfill", plan.backfill().name())
                .bind("declared", plan.backfill().declared())
                .bind("schema", plan.backfill().strategy().table().schema())
                .bind("table", plan.backfill().strategy().table().name())
                .bind("hash", plan.hash())
                .bind("identity", serverIdentity)
                .bind("rate", rate == null ? null : rate.rows())
                .bind("pause", pace.pause().toMillis())
                .bind("batchPause", pace.batchPause().toMillis())
                .bind("keep", plan.backfill().keepOld().toSeconds())
                .bind("replicas", plan.backfill().replicas().size())
                .mapTo(Long.class)
                .one();
    }

    private static String @Nullable [] array(@Nullable List<String> key) {
        return key == null ? null : key.toArray(String[]::new);
    }

    private static void insertUnits(Handle h, long run, List<PlannedUnit> units) {
        PreparedBatch batch = h.prepareBatch("""
                INSERT INTO neap.unit (run_id, position, schema_name, partition_name, bound, rows_estimated, step,
                                       after_key, upto_key)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?::text[], ?::text[])
                """);
        for (PlannedUnit unit : units) {
            batch.add(
                    run,
                    unit.position(),
                    unit.partition().schema(),
                    unit.partition().name(),
                    unit.bound(),
                    unit.rowsEstimated(),
                    unit.segment() == null ? Step.FINGERPRINT.label() : Step.FILL.label(),
                    array(unit.segment() == null ? null : unit.segment().after()),
                    array(unit.segment() == null ? null : unit.segment().upTo()));
            if (batch.size() == 1000) {
                batch.execute();
            }
        }
        if (batch.size() > 0) {
            batch.execute();
        }
    }
}
