package dev.neap.control;

import dev.neap.plan.Step;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The units of runs in the control tables: who works on them, and where they stand. On the store's connection, and like it
 * not for use by several threads at once. What is said of a unit holds only while its token is still the one given.
 */
public final class Units {
    private final Handle handle;
    private final ControlSql sql;

    Units(Handle handle, ControlSql sql) {
        this.handle = handle;
        this.sql = sql;
    }

    /**
     * Claims the next unit: one whose worker is dead, else the next pending one. Its token grows, so that whatever a
     * former owner still sends is refused.
     */
    public Optional<UnitRow> claim(long run, long worker, Claim claim) {
        return handle.inTransaction(h -> {
            Optional<Long> next = h.createQuery(sql.in("""
                            SELECT u.id FROM neap.unit u
                            WHERE u.run_id = :run
                              AND (u.state = 'pending'
                                   OR u.state = 'running'
                                      AND EXISTS (SELECT 1 FROM neap.worker w WHERE w.id = u.worker_id
                                                  AND (w.id = :worker OR w.expires_at <= {now})))
                              {besides}
                            ORDER BY u.state DESC, u.position LIMIT 1 FOR UPDATE SKIP LOCKED
                            """).replace("{besides}", claim.condition()))
                    .bind("run", run)
                    .bind("worker", worker)
                    .mapTo(Long.class)
                    .findOne();
            return next.map(unit -> {
                h.execute(sql.in("""
                        UPDATE neap.unit SET state = 'running', worker_id = ?, token = token + 1, attempts = attempts + 1,
                               cause = NULL, waiting_for = NULL, started_at = coalesce(started_at, {now})
                        WHERE id = ?
                        """), worker, unit);
                UnitRow claimed = unit(unit);
                h.execute(
                        "INSERT INTO neap.attempt (unit_id, number, worker_id) VALUES (?, ?, ?)",
                        unit,
                        claimed.attempts(),
                        worker);
                return claimed;
            });
        });
    }

    /** Takes over the next held unit after a position, to catch up with its live partition. */
    public Optional<UnitRow> claimHeld(long run, long worker, int after) {
        return takeOver(run, worker, after, "state = 'held'");
    }

    /** Takes over the next done unit after a position that is still to be settled. */
    public Optional<UnitRow> claimUnsettled(long run, long worker, int after) {
        return takeOver(run, worker, after, "state = 'done' AND NOT settled");
    }

    private Optional<UnitRow> takeOver(long run, long worker, int after, String which) {
        return handle.inTransaction(h -> {
            Optional<Long> next = h.createQuery("SELECT id FROM neap.unit WHERE run_id = :run AND " + which
                            + " AND position > :after ORDER BY position LIMIT 1 FOR UPDATE")
                    .bind("run", run)
                    .bind("after", after)
                    .mapTo(Long.class)
                    .findOne();
            return next.map(unit -> {
                h.execute("UPDATE neap.unit SET worker_id = ?, token = token + 1 WHERE id = ?", worker, unit);
                return unit(unit);
            });
        });
    }

    /** The next done unit after a position that is still to be settled; nothing is taken over. */
    public Optional<UnitRow> unsettled(long run, int after) {
        return handle.createQuery("SELECT " + Rows.UNIT
                        + " FROM neap.unit WHERE run_id = :run AND state = 'done' AND NOT settled AND position > :after"
                        + " ORDER BY position LIMIT 1")
                .bind("run", run)
                .bind("after", after)
                .map((rs, ctx) -> Rows.unit(rs))
                .findOne();
    }

    public UnitRow unit(long unit) {
        return handle.createQuery("SELECT " + Rows.UNIT + " FROM neap.unit WHERE id = :unit")
                .bind("unit", unit)
                .map((rs, ctx) -> Rows.unit(rs))
                .one();
    }

    /** A prepared unit waits, with its shadow and its capture, for its swap. */
    public void hold(UnitRow unit) {
        handle.execute(sql.in("""
                UPDATE neap.unit SET state = 'held', held_since = coalesce(held_since, {now}), changes_behind = 0,
                       waiting_for = NULL
                WHERE id = ? AND token = ?
                """), unit.id(), unit.token());
    }

    /** How many changes a held unit was behind before it caught up just now. */
    public void behind(UnitRow unit, long changes) {
        handle.execute(
                "UPDATE neap.unit SET changes_behind = ? WHERE id = ? AND token = ?", changes, unit.id(), unit.token());
    }

    /** What was prepared of a held unit is void: it is to be prepared anew. */
    public void unhold(UnitRow unit) {
        handle.execute(
                "UPDATE neap.unit SET state = 'pending', held_since = NULL WHERE id = ? AND token = ?",
                unit.id(),
                unit.token());
    }

    /**
     * Held units that may be swapped are pending again, and come first.
     *
     * @param all whether all of them may; otherwise those that a person named
     */
    public int release(long run, boolean all) {
        return handle.execute(
                "UPDATE neap.unit SET state = 'pending' WHERE run_id = ? AND state = 'held' AND (swap_wanted OR ?)",
                run,
                all);
    }

    /** Whether a person wants this unit swapped, now or as soon as it is prepared. */
    public boolean swapWanted(UnitRow unit) {
        return handle.createQuery("SELECT swap_wanted FROM neap.unit WHERE id = :unit")
                .bind("unit", unit.id())
                .mapTo(Boolean.class)
                .one();
    }

    /**
     * Wants units swapped, now or as soon as they are prepared.
     *
     * @param partitions names, with their schema or without; empty for all
     * @return how many units that are not done are wanted now, of those named
     */
    public int wantSwap(long run, List<String> partitions) {
        String all = partitions.isEmpty() ? "" : """
                 AND (partition_name IN (<names>) OR concat(schema_name, '.', partition_name) IN (<names>))""";
        var update = handle.createUpdate(
                        "UPDATE neap.unit SET swap_wanted = true WHERE run_id = :run AND state NOT IN ('done', 'skipped')"
                                + all)
                .bind("run", run);
        return (partitions.isEmpty() ? update : update.bindList("names", partitions)).execute();
    }

    /** Those of these names that are no partition of the run. */
    public List<String> unknown(long run, List<String> partitions) {
        return partitions.stream()
                .filter(name -> !handle.createQuery("""
                                SELECT EXISTS (SELECT 1 FROM neap.unit WHERE run_id = :run
                                               AND :name IN (partition_name, concat(schema_name, '.', partition_name)))
                                """)
                        .bind("run", run)
                        .bind("name", name)
                        .mapTo(Boolean.class)
                        .one())
                .toList();
    }

    /**
     * Sets a unit aside with its cause, if the token is still ours.
     *
     * @param rowsWrong rows in which it differs from what it should be; 0 where that is not its cause
     */
    public void fail(UnitRow unit, Step during, String cause, long rowsWrong) {
        handle.execute("""
                UPDATE neap.unit SET state = 'failed', failed_step = ?, cause = ?, rows_wrong = ?, waiting_for = NULL
                WHERE id = ? AND token = ?
                """, during.label(), cause, rowsWrong, unit.id(), unit.token());
        endAttempt(unit, "failed", cause);
    }

    /** Ends the bookkeeping of an attempt. */
    public void endAttempt(UnitRow unit, String outcome, @Nullable String cause) {
        handle.execute(sql.in("""
                UPDATE neap.attempt SET ended_at = {now}, outcome = ?, cause = ?
                WHERE unit_id = ? AND number = ?
                """), outcome, cause, unit.id(), unit.attempts());
    }

    /** Says what a unit waits for, or null that it goes. */
    public void waiting(UnitRow unit, @Nullable String why) {
        handle.execute("UPDATE neap.unit SET waiting_for = ? WHERE id = ? AND token = ?", why, unit.id(), unit.token());
    }

    /** Makes the failed units of a run pending again; returns how many. */
    public int retryFailed(long run) {
        return handle.execute(
                "UPDATE neap.unit SET state = 'pending', restarts = 0, retry = true WHERE run_id = ? AND state = 'failed'",
                run);
    }

    /** How many units of a run failed, or had failed and were taken up again by a process that did not finish them. */
    public int failed(long run) {
        return handle.createQuery("""
                        SELECT count(*) FROM neap.unit
                        WHERE run_id = :run AND (state = 'failed' OR retry AND state IN ('pending', 'running'))
                        """).bind("run", run).mapTo(Integer.class).one();
    }

    /** Whether a unit is pending. Unlike {@link #totals}, its cost does not grow with the units. */
    public boolean anyPending(long run) {
        return handle.createQuery("SELECT EXISTS (SELECT 1 FROM neap.unit WHERE run_id = :run AND state = 'pending')")
                .bind("run", run)
                .mapTo(Boolean.class)
                .one();
    }

    /** Whether a unit of one of several fills is still to be done. */
    public boolean anyLeft(long run, int part) {
        return handle.createQuery("""
                        SELECT EXISTS (SELECT 1 FROM neap.unit WHERE run_id = :run AND part = :part
                                       AND state IN ('pending', 'running'))
                        """)
                .bind("run", run)
                .bind("part", part)
                .mapTo(Boolean.class)
                .one();
    }

    /** How many units are at work, by a process that lives or by one that does not. Its cost grows with these alone. */
    public int running(long run) {
        return handle.createQuery("SELECT count(*) FROM neap.unit WHERE run_id = :run AND state = 'running'")
                .bind("run", run)
                .mapTo(Integer.class)
                .one();
    }

    /** How many units wait for their swap. Its cost grows with these alone. */
    public int held(long run) {
        return handle.createQuery("SELECT count(*) FROM neap.unit WHERE run_id = :run AND state = 'held'")
                .bind("run", run)
                .mapTo(Integer.class)
                .one();
    }

    /** Units by state, and sums over them. Reads every unit of the run: not to be asked for each of them. */
    public RunTotals totals(long run) {
        return handle.createQuery("""
                        SELECT count(CASE WHEN state = 'pending' THEN 1 END) AS pending,
                               count(CASE WHEN state = 'running' THEN 1 END) AS running,
                               count(CASE WHEN state = 'done' THEN 1 END) AS done,
                               count(CASE WHEN state = 'failed' THEN 1 END) AS failed,
                               count(CASE WHEN state = 'skipped' THEN 1 END) AS skipped,
                               count(CASE WHEN state = 'done' AND NOT settled THEN 1 END) AS unsettled,
                               count(CASE WHEN state = 'held' THEN 1 END) AS held,
                               coalesce(sum(rows_estimated), 0) AS rows_estimated,
                               coalesce(sum(CASE WHEN state = 'done' THEN rows_loaded END), 0) AS rows_done,
                               coalesce(sum(CASE WHEN state IN ('pending', 'running', 'held', 'done') THEN rows_loaded END), 0)
                                   AS rows_loaded,
                               coalesce(sum(rows_mended), 0) AS rows_mended
                        FROM neap.unit WHERE run_id = :run
                        """)
                .bind("run", run)
                .map((rs, ctx) -> new RunTotals(
                        rs.getInt("pending"),
                        rs.getInt("running"),
                        rs.getInt("done"),
                        rs.getInt("failed"),
                        rs.getInt("skipped"),
                        rs.getInt("unsettled"),
                        rs.getInt("held"),
                        rs.getLong("rows_estimated"),
                        rs.getLong("rows_done"),
                        rs.getLong("rows_loaded"),
                        rs.getLong("rows_mended")))
                .one();
    }

    /** The causes of the failed units, one line each, at most 20. */
    public List<String> causes(long run) {
        return handle.createQuery("""
                        SELECT concat(schema_name, '.', partition_name, ': ', coalesce(cause, 'unknown'))
                        FROM neap.unit WHERE run_id = :run AND state = 'failed' ORDER BY position LIMIT 20
                        """).bind("run", run).mapTo(String.class).list();
    }
}
