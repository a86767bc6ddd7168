package dev.neap.control;

import dev.neap.backfill.TableName;
import dev.neap.plan.Step;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;

/** Rows of the control tables as values. */
final class Rows {
    /** The columns that a {@link UnitRow} is made of. */
    static final String UNIT = """
            id, run_id, position, schema_name, partition_name, bound, state, step, token, attempts, restarts,
            live_oid, fingerprint, next_block, end_block, rows_estimated, rows_loaded,
            changes_replayed, settled, sweep_all""";

    private Rows() {}

    static RunRow run(ResultSet rs) throws SQLException {
        long rate = rs.getLong("rate");
        return new RunRow(
                rs.getLong("id"),
                rs.getString("backfill"),
                rs.getString("declared"),
                rs.getString("schema_name") + "." + rs.getString("table_name"),
                rs.getString("plan_hash"),
                rs.getString("server_identity"),
                rs.getString("state"),
                Wish.valueOf(rs.getString("wish").toUpperCase(Locale.ROOT)),
                rate == 0 ? null : rate,
                Duration.ofMillis(rs.getLong("pause_ms")),
                Duration.ofMillis(rs.getLong("batch_pause_ms")),
                rs.getLong("undoes"));
    }

    static UnitRow unit(ResultSet rs) throws SQLException {
        return new UnitRow(
                rs.getLong("id"),
                rs.getLong("run_id"),
                rs.getInt("position"),
                new TableName(rs.getString("schema_name"), rs.getString("partition_name")),
                rs.getString("bound"),
                rs.getString("state"),
                Step.of(rs.getString("step")),
                rs.getLong("token"),
                rs.getInt("attempts"),
                rs.getInt("restarts"),
                rs.getLong("live_oid"),
                rs.getString("fingerprint"),
                rs.getLong("next_block"),
                rs.getLong("end_block"),
                rs.getLong("rows_estimated"),
                rs.getLong("rows_loaded"),
                rs.getLong("changes_replayed"),
                rs.getBoolean("settled"),
                rs.getBoolean("sweep_all"));
    }
}
