package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** A slot that nobody reads keeps all the log that a run writes. */
final class ReplicationSlotsCheck implements ServerCheck {
    private static final String UNREAD = """
            SELECT format('%s (%s, keeps %s)', slot_name, slot_type, coalesce(pg_size_pretty(
                       CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) END),
                       'nothing yet'))
            FROM pg_catalog.pg_replication_slots WHERE NOT active AND NOT temporary
              AND coalesce(wal_status, '') <> 'lost' ORDER BY slot_name
            """;

    @Override
    public String name() {
        return "replication-slots";
    }

    @Override
    public List<Finding> look(Connection connection, Backfill backfill) throws SQLException {
        List<String> unread = Query.of(connection, UNREAD).texts();
        if (unread.isEmpty()) {
            return List.of();
        }
        String limit = Query.of(connection, "SELECT current_setting('max_slot_wal_keep_size')")
                .text();
        return List.of(Finding.warning(
                name(),
                "nobody reads these replication slots: " + Few.of(unread),
                limit.equals("-1")
                        ? "the server keeps the log for them until its disk is full, and a run writes much of it"
                        : "the server keeps " + limit + " of log for each; past that its reader has to copy anew, and a"
                                + " run writes much log",
                "start its reader, or SELECT pg_drop_replication_slot('…') if it has none any more"));
    }
}
