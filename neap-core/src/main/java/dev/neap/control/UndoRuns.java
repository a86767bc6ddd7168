package dev.neap.control;

import dev.neap.backfill.TableName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Runs that put back what an earlier run replaced. */
public final class UndoRuns {
    private static final int AT_ONCE = 1_000;

    private final Handle handle;
    private final ControlSql sql;

    public UndoRuns(ControlStore store) {
        this.handle = store.handle();
        this.sql = store.sql();
    }

    /**
     * A run that may be undone.
     *
     * @param unfinished whether it could still go on
     * @param alive whether a process is at it
     * @param replicas how many hot standbys its file named
     */
    public record Target(
            RunRow run, TableName table, boolean unfinished, boolean alive, Duration keepOld, int replicas) {}

    private static final String TARGET = """
            SELECT r.*, r.state IN ('running', 'stopped', 'failed') AS unfinished,
                   EXISTS (SELECT 1 FROM neap.worker w WHERE w.run_id = r.id AND w.expires_at > {now}) AS alive
            FROM neap.run r\s""";

    /**
     * The newest rebuild of a backfill that replaced anything, whether that is undone by now or not; the newest of all where
     * none did. A run that found every partition done already must not hide the one that did them.
     */
    public Optional<Target> newest(String backfill) {
        return handle.createQuery(sql.in(TARGET) + """
                        WHERE r.backfill = :backfill AND r.undoes IS NULL
                        ORDER BY EXISTS (SELECT 1 FROM neap.unit u WHERE u.run_id = r.id AND u.state IN ('done', 'undone')) DESC,
                                 r.id DESC LIMIT 1
                        """)
                .bind("backfill", backfill)
                .map((rs, ctx) -> target(rs))
                .findOne();
    }

    /**
     * An older run of the same backfill, of which something is kept.
     *
     * @param partitions how many
     */
    public record Older(long run, long partitions) {}

    /** Older rebuilds of the same backfill whose replaced partitions are kept and not put back, the newest first. */
    public List<Older> older(RunRow target) {
        return handle.createQuery(sql.in("""
                        SELECT r.id, count(*) AS partitions
                        FROM neap.run r JOIN neap.unit u ON u.run_id = r.id
                        WHERE r.backfill = :backfill AND r.undoes IS NULL AND r.id < :run
                          AND u.state = 'done' AND u.kept_until > {now}
                        GROUP BY r.id ORDER BY r.id DESC
                        """))
                .bind("backfill", target.backfill())
                .bind("run", target.id())
                .map((rs, ctx) -> new Older(rs.getLong("id"), rs.getLong("partitions")))
                .list();
    }

    /** Whether a run is a fill. */
    public boolean fills(long run) {
        return handle.createQuery("SELECT EXISTS (SELECT 1 FROM neap.fill WHERE run_id = :run)")
                .bind("run", run)
                .mapTo(Boolean.class)
                .one();
    }

    /** A run by its number. */
    public Optional<Target> target(long run) {
        return handle.createQuery(sql.in(TARGET) + "WHERE r.id = :run")
                .bind("run", run)
                .map((rs, ctx) -> target(rs))
                .findOne();
    }

    private static Target target(java.sql.ResultSet rs) throws java.sql.SQLException {
        return new Target(
                Rows.run(rs),
                new TableName(rs.getString("schema_name"), rs.getString("table_name")),
                rs.getBoolean("unfinished"),
                rs.getBoolean("alive"),
                Duration.ofSeconds(rs.getLong("keep_old_s")),
                rs.getInt("replicas"));
    }

    /** The unfinished run that undoes this one. */
    public Optional<RunRow> unfinished(long target) {
        return handle.createQuery("""
                        SELECT * FROM neap.run WHERE undoes = :target AND state IN ('running', 'stopped', 'failed')
                        """)
                .bind("target", target)
                .map((rs, ctx) -> Rows.run(rs))
                .findOne();
    }

    /** The units of a run that were swapped, in their order: those that are undone by now too. */
    public List<UnitRow> swapped(long target) {
        return units("run_id = " + target + " AND state IN ('done', 'undone')");
    }

    /** Every unit of a run, in its order. */
    public List<UnitRow> all(long target) {
        return units("run_id = " + target);
    }

    /** The units that an undo puts back, in its order. */
    public List<UnitRow> undoneBy(long undo) {
        return units("id IN (SELECT undoes FROM neap.unit WHERE run_id = " + undo + ")");
    }

    private List<UnitRow> units(String which) {
        return handle.createQuery("SELECT " + Rows.UNIT + " FROM neap.unit WHERE " + which + " ORDER BY position")
                .map((rs, ctx) -> Rows.unit(rs))
                .list();
    }

    /**
     * Records an undo, in one transaction: the other run is given up if it is not finished, and nobody who is still at one
     * of the units can write any more.
     *
     * @param units in the order in which they are to be put back
     * @param changes about how many writes are to be carried over, for each unit
     * @return the run's id; empty when a process is at the other run
     */
    public Optional<Long> create(Target target, List<UnitRow> units, List<Long> changes, String serverIdentity) {
        return handle.inTransaction(h -> {
            h.createQuery("SELECT id FROM neap.run WHERE id = :run FOR UPDATE")
                    .bind("run", target.run().id())
                    .mapTo(Long.class)
                    .one();
            if (target(target.run().id()).orElseThrow().alive()) {
                return Optional.<Long>empty();
            }
            h.execute(sql.in("""
                    UPDATE neap.run SET state = 'abandoned', finished_at = {now}
                    WHERE id = ? AND state IN ('running', 'stopped', 'failed')
                    """), target.run().id());
            long run = insert(h, target, serverIdentity);
            insertUnits(h, run, units, changes);
            return Optional.of(run);
        });
    }

    private static long insert(Handle h, Target target, String serverIdentity) {
        return h.createUpdate("""
                        INSERT INTO neap.run (backfill, declared, schema_name, table_name, plan_hash, server_identity, rate,
                                              pause_ms, batch_pause_ms, keep_old_s, undoes, replicas)
                        SELECT backfill, concat('undo of run ', id), schema_name, table_name, plan_hash, :identity, rate, pause_ms,
                               batch_pause_ms, keep_old_s, id, replicas
                        FROM neap.run WHERE id = :target
                        """)
                .bind("identity", serverIdentity)
                .bind("target", target.run().id())
                .executeAndReturnGeneratedKeys("id")
                .mapTo(Long.class)
                .one();
    }

    private static void insertUnits(Handle h, long run, List<UnitRow> units, List<Long> changes) {
        for (int from = 0; from < units.size(); from += AT_ONCE) {
            int to = Math.min(units.size(), from + AT_ONCE);
            PreparedBatch tokens = h.prepareBatch("UPDATE neap.unit SET token = token + 1 WHERE id = ?");
            PreparedBatch rows = h.prepareBatch("""
                    INSERT INTO neap.unit (run_id, position, schema_name, partition_name, bound, rows_estimated, undoes)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """);
            for (int i = from; i < to; i++) {
                UnitRow undone = units.get(i);
                tokens.add(undone.id());
                rows.add(
                        run,
                        i + 1,
                        undone.partition().schema(),
                        undone.partition().name(),
                        undone.bound(),
                        changes.get(i),
                        undone.id());
            }
            tokens.execute();
            rows.execute();
        }
    }

    /** Somebody said that what was undone may be rebuilt again; returns how many partitions that is. */
    public int again(String declared) {
        return handle.execute("""
                UPDATE neap.unit SET again = true WHERE state = 'undone' AND NOT again
                  AND run_id IN (SELECT id FROM neap.run WHERE declared = ?)
                """, declared);
    }

    /** The partitions, with their bounds, that this declaration had rebuilt and that were put back since. */
    public List<UnitRow> undone(String declared) {
        return handle.createQuery("SELECT " + Rows.UNIT + "\n" + """
                         FROM (SELECT u.*, row_number() OVER (PARTITION BY u.schema_name, u.partition_name, u.bound
                                                             ORDER BY u.id DESC) AS place
                              FROM neap.unit u JOIN neap.run r ON r.id = u.run_id
                              WHERE r.declared = :declared AND u.state IN ('done', 'undone')) AS done
                        WHERE place = 1 AND state = 'undone' AND NOT again ORDER BY position
                        """)
                .bind("declared", declared)
                .map((rs, ctx) -> Rows.unit(rs))
                .list();
    }
}
