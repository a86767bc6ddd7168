package dev.neap.control;

import dev.neap.backfill.Backfill;
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

/** Records a run and its units. */
final class NewRun {
    private NewRun() {}

    static long create(Handle handle, ControlSql sql, Plan plan, String serverIdentity) {
        return handle.inTransaction(h -> {
            long run = insertRun(h, plan, serverIdentity);
            insertUnits(h, sql, run, plan.units());
            if (plan.backfill().fills()) {
                plan.backfill().parts().forEach(part -> insertFill(h, run, part, plan.units()));
                KeptEvidence.keep(h, run, plan);
                return run;
            }
            skipDone(h, run, plan.backfill());
            return run;
        });
    }

    private record Done(long unit, long byRun) {}

    private static void skipDone(Handle h, long run, Backfill backfill) {
        List<Done> done = h.createQuery("""
                        SELECT u.id, max(earlier.run_id) AS by_run
                        FROM neap.unit u
                        JOIN neap.unit earlier ON earlier.schema_name = u.schema_name
                          AND earlier.partition_name = u.partition_name AND earlier.bound = u.bound
                        JOIN neap.run r ON r.id = earlier.run_id
                        WHERE u.run_id = :run AND earlier.run_id <> u.run_id AND earlier.state = 'done'
                          AND (earlier.settled OR :quiet) AND r.declared = :declared
                        GROUP BY u.id
                        """)
                .bind("run", run)
                .bind("quiet", backfill.rebuild().writes() == LiveWrites.NONE)
                .bind("declared", backfill.declared())
                .map((rs, ctx) -> new Done(rs.getLong("id"), rs.getLong("by_run")))
                .list();
        PreparedBatch batch =
                h.prepareBatch("UPDATE neap.unit SET state = 'skipped', settled = true, cause = ? WHERE id = ?");
        for (Done unit : done) {
            batch.add("rebuilt by run " + unit.byRun() + " of the same declaration", unit.unit());
            flush(batch, 1000);
        }
        flush(batch, 1);
    }

    private static void flush(PreparedBatch batch, int least) {
        if (batch.size() >= least) {
            batch.execute();
        }
    }

    private static void insertFill(Handle h, long run, Backfill part, List<PlannedUnit> units) {
        Fill fill = part.fill();
        h.execute(
                "INSERT INTO neap.fill (run_id, part, schema_name, table_name, whole, cut) VALUES (?, ?, ?, ?, ?, ?)",
                run,
                part.part(),
                fill.into().schema(),
                fill.into().name(),
                wholeLook(fill),
                part.part() == 1
                        || units.stream()
                                .map(PlannedUnit::segment)
                                .anyMatch(segment -> segment != null && segment.part() == part.part()));
    }

    /** A change to another table that is read is not captured: only a look at every row shows what it did. */
    private static boolean wholeLook(Fill fill) {
        return !fill.inPlace() && !fill.reads().isEmpty();
    }

    private static long insertRun(Handle h, Plan plan, String serverIdentity) {
        Pace pace = plan.backfill().pace();
        RowsPerSecond rate = pace.rate();
        return h.createUpdate("""
                        INSERT INTO neap.run (backfill, declared, schema_name, table_name, plan_hash, server_identity, rate, pause_ms,
                                              batch_pause_ms, keep_old_s, replicas)
                        VALUES (:backfill, :declared, :schema, :table, :hash, :identity, :rate, :pause, :batchPause, :keep,
                                :replicas)
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
                .executeAndReturnGeneratedKeys("id")
                .mapTo(Long.class)
                .one();
    }

    private static void insertUnits(Handle h, ControlSql sql, long run, List<PlannedUnit> units) {
        PreparedBatch batch = h.prepareBatch("""
                INSERT INTO neap.unit (run_id, position, schema_name, partition_name, bound, rows_estimated, step,
                                       part, after_key, upto_key)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, {key}, {key})
                """.replace("{key}", sql.keyParameter()));
        for (PlannedUnit unit : units) {
            batch.add(
                    run,
                    unit.position(),
                    unit.partition().schema(),
                    unit.partition().name(),
                    unit.bound(),
                    unit.rowsEstimated(),
                    unit.segment() == null ? Step.FINGERPRINT.label() : Step.FILL.label(),
                    unit.segment() == null ? 1 : unit.segment().part(),
                    sql.key(unit.segment() == null ? null : unit.segment().after()),
                    sql.key(unit.segment() == null ? null : unit.segment().upTo()));
            flush(batch, 1000);
        }
        flush(batch, 1);
    }
}
