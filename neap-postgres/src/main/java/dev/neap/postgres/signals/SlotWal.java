package dev.neap.postgres.signals;

import dev.neap.backfill.ServerSignal;
import dev.neap.postgres.query.Query;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * How many bytes of log the replication slot that is farthest behind keeps. Nothing without a slot, or where the server has
 * given it up.
 */
final class SlotWal implements SignalSession.Look {
    static final String NAME = ServerSignal.SLOT_WAL.label();

    /** A slot that is to be cut off loses its subscriber: well before that the run waits. */
    private static final double OF_WHAT_SLOTS_MAY_KEEP = 0.8;

    private static final String MAY_KEEP =
            "SELECT setting::bigint * 1048576 FROM pg_settings WHERE name = 'max_slot_wal_keep_size'";

    private static final String SQL = """
            SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 'slot ' || slot_name
            FROM pg_replication_slots WHERE restart_lsn IS NOT NULL AND wal_status IS DISTINCT FROM 'lost'
            ORDER BY 1 DESC LIMIT 1
            """;

    /** @param bytes from here on nothing is written, and from half of it on the run goes slower; less where slots keep less */
    static Limits limits(Connection connection, double bytes) throws SQLException {
        long most = Query.of(connection, MAY_KEEP).number();
        double limit = most > 0 ? Math.min(bytes, (double) most * OF_WHAT_SLOTS_MAY_KEEP) : bytes;
        return new Limits(NAME, Limits.Unit.BYTES, limit / 2, limit, Duration.ofSeconds(1), Duration.ZERO);
    }

    @Override
    public Reading at(Connection connection) throws SQLException {
        return Query.of(connection, SQL)
                .first(row -> Reading.of(Math.max(0, row.getDouble(1)), row.getString(2)))
                .orElse(Reading.of(0, ""));
    }
}
