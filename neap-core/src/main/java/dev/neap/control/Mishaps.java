package dev.neap.control;

import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/**
 * What goes wrong in runs, counted: what is tried again, and what the error budget is for. On the store's connection, and
 * like it not for use by several threads at once.
 */
public final class Mishaps {
    private final Handle handle;
    private final ControlSql sql;

    Mishaps(Handle handle, ControlSql sql) {
        this.handle = handle;
        this.sql = sql;
    }

    /** Something of the run is tried again. */
    public void retried(long run, RetryCause cause) {
        handle.execute(
                "INSERT INTO neap.retry (run_id, cause, times) VALUES (?, ?, 1) "
                        + sql.orAddOne("retry", "run_id, cause", "times"),
                run,
                cause.label());
    }

    /** How often something was tried again over all processes of the run, by its cause; only what there was. */
    Map<String, Long> retries(long run) {
        Map<String, Long> retries = new TreeMap<>();
        handle.createQuery("SELECT cause, times FROM neap.retry WHERE run_id = :run")
                .bind("run", run)
                .map((rs, ctx) -> Map.entry(rs.getString("cause"), rs.getLong("times")))
                .forEach(entry -> retries.put(entry.getKey(), entry.getValue()));
        return retries;
    }

    /** What counts against the run's error budget. It reads every unit of the run: to be asked when something went wrong. */
    public ErrorCounts errors(long run) {
        return handle.createQuery("""
                        SELECT (SELECT count(*) FROM neap.quarantine WHERE run_id = :run) AS aside,
                               coalesce((SELECT times FROM neap.retry WHERE run_id = :run AND cause = 'deadlock'), 0)
                                   AS deadlocks,
                               count(CASE WHEN state = 'failed' AND rows_wrong > 0 THEN 1 END) AS mismatched,
                               coalesce(sum(CASE WHEN state = 'failed' THEN rows_wrong END), 0) AS wrong,
                               coalesce(sum(rows_loaded), 0) AS looked_at
                        FROM neap.unit WHERE run_id = :run
                        """)
                .bind("run", run)
                .map((rs, ctx) -> new ErrorCounts(
                        rs.getLong("aside"),
                        rs.getLong("deadlocks"),
                        rs.getLong("mismatched"),
                        rs.getLong("wrong"),
                        rs.getLong("looked_at")))
                .one();
    }
}
