package dev.neap.postgres.planning;

import dev.neap.backfill.Pace;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;

/** The server's settings that the estimate depends on. */
record ServerSettings(Costs.Log log, Sizes.SortMemory memory) {
    /**
     * Reads them.
     *
     * @param pace with a ceiling, a run builds indexes with one process
     */
    static ServerSettings of(Connection connection, Pace pace) throws SQLException {
        return Query.of(connection, """
                        SELECT current_setting('data_checksums') = 'on' OR current_setting('wal_log_hints') = 'on',
                               current_setting('wal_level') <> 'minimal',
                               extract(epoch FROM current_setting('checkpoint_timeout')::interval),
                               pg_size_bytes(current_setting('maintenance_work_mem')),
                               current_setting('max_parallel_maintenance_workers')::int > 0,
                               pg_size_bytes(current_setting('min_parallel_table_scan_size'))
                        """)
                .list(row -> new ServerSettings(
                        new Costs.Log(row.getBoolean(1), row.getBoolean(2), row.getDouble(3)),
                        new Sizes.SortMemory(
                                row.getLong(4),
                                row.getBoolean(5) && pace.rate() == null ? row.getLong(6) : Long.MAX_VALUE)))
                .get(0);
    }
}
