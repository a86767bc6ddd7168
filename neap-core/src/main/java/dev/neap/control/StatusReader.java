package dev.neap.control;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Reads what people ask of runs. It writes nothing. */
public final class StatusReader {
    private final Handle handle;
    private final ControlSql sql;
    private final Mishaps mishaps;

    public StatusReader(ControlStore store) {
        this.handle = store.handle();
        this.sql = store.sql();
        this.mishaps = store.mishaps();
    }

    /** The newest run of a backfill. */
    public Optional<RunStatus> newest(String backfill, int events) {
        return handle.createQuery("SELECT id FROM neap.run WHERE backfill = :backfill ORDER BY id DESC LIMIT 1")
                .bind("backfill", backfill)
                .mapTo(Long.class)
                .findOne()
                .map(run -> status(run, events));
    }

    /** The newest run of every backfill. */
    public List<RunStatus> newestOfEach() {
        return handle
                .createQuery("SELECT max(id) FROM neap.run GROUP BY backfill ORDER BY 1")
                .mapTo(Long.class)
                .list()
                .stream()
                .map(run -> status(run, 0))
                .toList();
    }

    private RunStatus status(long run, int events) {
        return handle.createQuery("""
                        SELECT r.*, p.alive, p.pending, p.running, p.done, p.failed, p.skipped, p.held, p.undone, p.rows_estimated,
                               (SELECT coalesce(sum(u.rows_loaded), 0) FROM neap.unit u WHERE u.run_id = r.id
                                AND u.state IN ('pending', 'running', 'held', 'done')) AS rows_done,
                               EXISTS (SELECT 1 FROM neap.fill f WHERE f.run_id = r.id) AS fills,
                               (SELECT count(*) FROM neap.quarantine q WHERE q.run_id = r.id) AS set_aside
                        FROM neap.run r JOIN neap.run_progress p ON p.run_id = r.id WHERE r.id = :run
                        """)
                .bind("run", run)
                .map((rs, ctx) -> status(rs, events))
                .one();
    }

    private RunStatus status(ResultSet rs, int events) throws SQLException {
        RunRow row = Rows.run(rs);
        RunStatus.Counts counts = new RunStatus.Counts(
                rs.getInt("pending"),
                rs.getInt("running"),
                rs.getInt("done"),
                rs.getInt("failed"),
                rs.getInt("skipped"),
                rs.getInt("held"),
                rs.getInt("undone"));
        long estimated = rs.getLong("rows_estimated");
        long done = rs.getLong("rows_done");
        return new RunStatus(
                row.id(),
                row.backfill(),
                table(row),
                row.state(),
                row.wish().label(),
                rs.getBoolean("alive"),
                row.rate(),
                row.pause(),
                row.batchPause(),
                row.planHash(),
                rs.getTimestamp("created_at").toInstant(),
                instant(rs, "finished_at"),
                counts,
                estimated,
                done,
                remaining(row, counts, estimated - done),
                current(row.id()),
                failures(row.id()),
                lines(row.id(), events),
                held(row.id()),
                row.undoes(),
                rs.getBoolean("fills"),
                rs.getLong("set_aside"),
                mishaps.retries(row.id()),
                speed(row.id()));
    }

    /** The last change of speed since the run was last taken up; null where there was none. */
    private @Nullable String speed(long run) {
        return handle.createQuery("""
                        SELECT CASE WHEN kind = 'speed' THEN message END FROM neap.event
                        WHERE run_id = :run AND kind IN ('speed', 'ended') ORDER BY id DESC LIMIT 1
                        """)
                .bind("run", run)
                .mapTo(String.class)
                .findOne()
                .orElse(null);
    }

    /** The table; of a fill of several all of them. */
    private String table(RunRow row) {
        List<String> filled = handle.createQuery(
                        "SELECT schema_name, table_name FROM neap.fill WHERE run_id = :run AND part > 1 ORDER BY part")
                .bind("run", row.id())
                .map((rs, ctx) -> rs.getString("schema_name") + "." + rs.getString("table_name"))
                .list();
        return filled.isEmpty() ? row.table() : row.table() + ", " + String.join(", ", filled);
    }

    private List<RunStatus.Held> held(long run) {
        return handle.createQuery("""
                        SELECT id, concat(schema_name, '.', partition_name) AS unit_name, changes_behind, held_since
                        FROM neap.unit WHERE run_id = :run AND state = 'held' ORDER BY position LIMIT 100
                        """)
                .bind("run", run)
                .map((rs, ctx) -> new RunStatus.Held(
                        rs.getLong("id"),
                        rs.getString("unit_name"),
                        rs.getLong("changes_behind"),
                        rs.getTimestamp("held_since").toInstant()))
                .list();
    }

    /** From the speed of the units that are done, or else of the one in work; null while nothing is known. */
    private @Nullable Duration remaining(RunRow row, RunStatus.Counts counts, long rowsLeft) {
        if (counts.pending() + counts.running() == 0) {
            return "running".equals(row.state()) ? Duration.ZERO : null;
        }
        record Done(long rows, int units, double seconds) {}
        Done done = handle.createQuery(
                        "SELECT coalesce(sum(rows_loaded), 0), count(CASE WHEN state = 'done' THEN 1 END),"
                                + " coalesce(sum(" + sql.seconds("started_at", sql.in("coalesce(done_at, {now})"))
                                + "), 0) FROM neap.unit WHERE run_id = :run AND started_at IS NOT NULL"
                                + " AND state IN ('done', 'running')")
                .bind("run", row.id())
                .map((rs, ctx) -> new Done(rs.getLong(1), rs.getInt(2), rs.getDouble(3)))
                .one();
        double perSecond = RunStatus.work(done.rows(), done.units()) / done.seconds();
        if (done.rows() + done.units() == 0 || done.seconds() <= 0) {
            return null;
        }
        // Units in work go on beside each other.
        double seconds = RunStatus.work(rowsLeft, counts.pending() + counts.running())
                        / perSecond
                        / Math.max(1, counts.running())
                + row.pause().toMillis() / 1000.0 * counts.pending();
        return Duration.ofSeconds(Math.round(seconds));
    }

    private List<RunStatus.Current> current(long run) {
        return handle.createQuery("""
                        SELECT u.*, w.owner, w.expires_at FROM neap.unit u LEFT JOIN neap.worker w ON w.id = u.worker_id
                        WHERE u.run_id = :run AND u.state = 'running' ORDER BY u.position LIMIT 100
                        """)
                .bind("run", run)
                .map((rs, ctx) -> new RunStatus.Current(
                        rs.getLong("id"),
                        rs.getString("schema_name") + "." + rs.getString("partition_name"),
                        rs.getString("step"),
                        rs.getInt("attempts"),
                        rs.getLong("rows_loaded"),
                        rs.getLong("rows_estimated"),
                        rs.getString("waiting_for"),
                        rs.getString("owner"),
                        instant(rs, "expires_at")))
                .list();
    }

    private List<RunStatus.Failure> failures(long run) {
        return handle.createQuery("""
                        SELECT id, concat(schema_name, '.', partition_name) AS unit_name, coalesce(failed_step, step) AS step, coalesce(cause, 'unknown') AS cause
                        FROM neap.unit WHERE run_id = :run AND state = 'failed' ORDER BY position LIMIT 100
                        """)
                .bind("run", run)
                .map((rs, ctx) -> new RunStatus.Failure(
                        rs.getLong("id"), rs.getString("unit_name"), rs.getString("step"), rs.getString("cause")))
                .list();
    }

    private List<RunStatus.Line> lines(long run, int newest) {
        return handle.createQuery("""
                        SELECT * FROM (SELECT e.id, e.at, CASE WHEN u.id IS NOT NULL THEN concat(u.schema_name, '.', u.partition_name) END AS unit_name, e.kind, e.message
                                       FROM neap.event e LEFT JOIN neap.unit u ON u.id = e.unit_id
                                       WHERE e.run_id = :run ORDER BY e.id DESC LIMIT :newest) AS newest ORDER BY id
                        """)
                .bind("run", run)
                .bind("newest", newest)
                .map((rs, ctx) -> new RunStatus.Line(
                        rs.getTimestamp("at").toInstant(),
                        rs.getString("unit_name"),
                        rs.getString("kind"),
                        rs.getString("message")))
                .list();
    }

    private static @Nullable Instant instant(ResultSet rs, String column) throws SQLException {
        Timestamp at = rs.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }
}
