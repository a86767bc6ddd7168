package dev.neap.postgres.signals;

import dev.neap.backfill.ServerSignal;
import dev.neap.postgres.query.Query;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * How many bytes the server writes in a second, to its log or to temporary files, whoever makes it write them. Not for use
 * by several threads.
 */
final class WrittenBytes implements SignalSession.Look {
    private static final String LOG = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint";
    private static final String TEMPORARY =
            "SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()";

    private final String sql;
    private final Growth growth = new Growth();

    private WrittenBytes(String sql) {
        this.sql = sql;
    }

    /** Of the log. */
    static WrittenBytes toTheLog() {
        return new WrittenBytes(LOG);
    }

    /** Of files of this database that a sort or a hash needs when it does not fit into memory; they count when they go. */
    static WrittenBytes toTemporaryFiles() {
        return new WrittenBytes(TEMPORARY);
    }

    /**
     * Its levels.
     *
     * @param bytes from so many in a second on nothing is written, and from half of it on the run goes slower
     */
    static Limits limits(ServerSignal signal, double bytes) {
        return new Limits(signal.label(), Limits.Unit.BYTES, bytes / 2, bytes, Duration.ofSeconds(1), Growth.WINDOW);
    }

    @Override
    public Reading at(Connection connection) throws SQLException {
        return Reading.of(growth.perSecond((double) Query.of(connection, sql).number(), System.nanoTime()), "");
    }
}
