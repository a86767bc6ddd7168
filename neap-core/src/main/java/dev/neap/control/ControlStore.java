package dev.neap.control;

import dev.neap.backfill.Pace;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.backfill.TableName;
import dev.neap.plan.Plan;
import java.sql.Connection;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Runs and their workers in the control tables, and the way to their units. It owns its connection. Not for use by
 * several threads at once. Every time is the database's.
 */
public final class ControlStore implements AutoCloseable {
    private static final DateTimeFormatter UNTIL =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Handle handle;
    private final ControlSql sql;
    private final Units units;
    private final Mishaps mishaps;

    /** @param sql how the connection's engine says what is not said alike everywhere */
    public ControlStore(Connection connection, ControlSql sql) {
        // A connection that is given as such is not closed with its handle.
        this.handle = Jdbi.create(() -> connection).open();
        this.sql = sql;
        this.units = new Units(handle, sql);
        this.mishaps = new Mishaps(handle, sql);
    }

    /** The units of all runs, on this connection. */
    public Units units() {
        return units;
    }

    /** What goes wrong in runs, on this connection. */
    public Mishaps mishaps() {
        return mishaps;
    }

    /** The newest run on this table that is not done and not abandoned; of a fill any of its tables. */
    public Optional<RunRow> unfinished(TableName table) {
        return handle.createQuery("""
                        SELECT * FROM neap.run
                        WHERE state IN ('running', 'stopped', 'failed')
                          AND (schema_name = :schema AND table_name = :table
                               OR id IN (SELECT f.run_id FROM neap.fill f
                                         WHERE f.schema_name = :schema AND f.table_name = :table))
                        ORDER BY id DESC LIMIT 1
                        """)
                .bind("schema", table.schema())
                .bind("table", table.name())
                .map((rs, ctx) -> Rows.run(rs))
                .findOne();
    }

    /** The newest unfinished run of a backfill. */
    public Optional<RunRow> unfinished(String backfill) {
        return handle.createQuery("""
                        SELECT * FROM neap.run
                        WHERE backfill = :backfill AND state IN ('running', 'stopped', 'failed')
                        ORDER BY id DESC LIMIT 1
                        """)
                .bind("backfill", backfill)
                .map((rs, ctx) -> Rows.run(rs))
                .findOne();
    }

    /**
     * Records a new run and its units in one transaction; returns its id. A partition that a finished run of the very same
     * declaration has rebuilt and settled is skipped: none is recomputed twice. (One that was not settled may hold rows that
     * came in the old form; where the application writes nothing, there are none.)
     */
    public long create(Plan plan, String serverIdentity) {
        return NewRun.create(handle, sql, plan, serverIdentity);
    }

    /**
     * Registers this process as the run's worker, unless another one is alive, or the run has ended. An earlier registration
     * of the same owner ends with it.
     *
     * @param forgetsStop whether a wish that the run stop is for somebody else, who is gone
     * @return the worker's id; empty when another worker's lease has not expired, and where nothing of the run goes on
     */
    public Optional<Long> attach(long run, String owner, Duration lease, boolean forgetsStop) {
        return handle.inTransaction(h -> {
            RunRow row = h.createQuery("SELECT * FROM neap.run WHERE id = :run FOR UPDATE")
                    .bind("run", run)
                    .map((rs, ctx) -> Rows.run(rs))
                    .one();
            if (row.ended()) {
                return Optional.<Long>empty();
            }
            boolean held = h.createQuery(sql.in("""
                            SELECT EXISTS (SELECT 1 FROM neap.worker WHERE run_id = :run AND expires_at > {now})
                            """))
                    .bind("run", run)
                    .mapTo(Boolean.class)
                    .one();
            if (held) {
                return Optional.<Long>empty();
            }
            h.execute(
                    sql.in(
                            "UPDATE neap.worker SET expires_at = {now} WHERE run_id = ? AND owner = ? AND expires_at > {now}"),
                    run,
                    owner);
            h.execute("""
                    UPDATE neap.run SET state = 'running', finished_at = NULL,
                           wish = CASE WHEN wish = 'stop' AND ? THEN 'run' ELSE wish END
                    WHERE id = ?
                    """, forgetsStop, run);
            return Optional.of(
                    h.createUpdate("INSERT INTO neap.worker (run_id, owner, expires_at) VALUES (:run, :owner, "
                                    + sql.later(":lease") + ")")
                            .bind("run", run)
                            .bind("owner", owner)
                            .bind("lease", lease.toMillis())
                            .executeAndReturnGeneratedKeys("id")
                            .mapTo(Long.class)
                            .one());
        });
    }

    /** Who holds the run, for a message. */
    public Optional<String> holder(long run) {
        return handle.createQuery(sql.in("""
                        SELECT owner, expires_at FROM neap.worker WHERE run_id = :run AND expires_at > {now}
                        ORDER BY id DESC LIMIT 1
                        """))
                .bind("run", run)
                .map((rs, ctx) -> rs.getString("owner") + ", whose lease lasts until "
                        + UNTIL.format(rs.getTimestamp("expires_at").toInstant()) + " UTC")
                .findOne();
    }

    /**
     * A sign of life.
     *
     * @return the run with the wishes of now; empty when the lease has already expired
     */
    public Optional<RunRow> beat(long run, long worker, Duration lease) {
        int alive = handle.execute(
                sql.in("UPDATE neap.worker SET expires_at = " + sql.later("?")
                        + " WHERE id = ? AND expires_at > {now}"),
                lease.toMillis(),
                worker);
        return alive == 1 ? Optional.of(run(run)) : Optional.empty();
    }

    /** Gives the run back: the worker is gone at once instead of when its lease expires, its unit is to be taken up again. */
    public void detach(long worker) {
        handle.execute(
                "UPDATE neap.unit SET state = 'pending', waiting_for = NULL WHERE worker_id = ? AND state = 'running'",
                worker);
        handle.execute(sql.in("UPDATE neap.worker SET expires_at = {now} WHERE id = ?"), worker);
    }

    public RunRow run(long run) {
        return handle.createQuery("SELECT * FROM neap.run WHERE id = :run")
                .bind("run", run)
                .map((rs, ctx) -> Rows.run(rs))
                .one();
    }

    public Optional<RunRow> find(long run) {
        return handle.createQuery("SELECT * FROM neap.run WHERE id = :run")
                .bind("run", run)
                .map((rs, ctx) -> Rows.run(rs))
                .findOne();
    }

    /** The capture of this run lapsed: shadows under work are void, and done partitions must be looked through whole. */
    public void captureLapsed(long run) {
        handle.execute(
                "UPDATE neap.unit SET step = 'fingerprint' WHERE run_id = ? AND state NOT IN ('done', 'skipped')", run);
        handle.execute(
                "UPDATE neap.unit SET sweep_all = true, next_block = 0 WHERE run_id = ? AND state = 'done' AND NOT settled",
                run);
        handle.execute("UPDATE neap.fill SET whole = true, state = 'new' WHERE run_id = ? AND state = 'captured'", run);
    }

    /** Ends the run in this process. */
    public void end(long run, String state) {
        handle.execute(sql.in("""
                UPDATE neap.run SET state = ?, wish = CASE WHEN wish = 'stop' THEN 'run' ELSE wish END,
                       finished_at = CASE WHEN ? IN ('done', 'abandoned') THEN {now} END WHERE id = ?
                """), state, state, run);
    }

    /** The run goes on on a server that is not the one it began on. */
    public void identity(long run, String identity) {
        handle.execute("UPDATE neap.run SET server_identity = ? WHERE id = ?", identity, run);
    }

    public void wish(long run, Wish wish) {
        handle.execute("UPDATE neap.run SET wish = ? WHERE id = ?", wish.label(), run);
    }

    public void pace(long run, Pace pace) {
        RowsPerSecond rate = pace.rate();
        handle.execute(
                "UPDATE neap.run SET rate = ?, pause_ms = ?, batch_pause_ms = ? WHERE id = ?",
                rate == null ? null : rate.rows(),
                pace.pause().toMillis(),
                pace.batchPause().toMillis(),
                run);
    }

    /** How long the partitions that are replaced from now on are kept; returns whether that is new. */
    public boolean keepOld(long run, Duration keep) {
        return handle.execute(
                        "UPDATE neap.run SET keep_old_s = ? WHERE id = ? AND keep_old_s <> ?",
                        keep.toSeconds(),
                        run,
                        keep.toSeconds())
                == 1;
    }

    public void event(long run, @Nullable Long unit, String kind, String message) {
        handle.execute(
                "INSERT INTO neap.event (run_id, unit_id, kind, message) VALUES (?, ?, ?, ?)",
                run,
                unit,
                kind,
                message);
    }

    Handle handle() {
        return handle;
    }

    ControlSql sql() {
        return sql;
    }

    @Override
    public void close() {
        handle.close();
    }
}
