package dev.neap.postgres.signals;

import dev.neap.backfill.ServerSignal;
import dev.neap.postgres.query.Query;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How many bytes of whole log files are written and not archived. Nothing where the server archives nothing. Not for use
 * by several threads.
 */
final class ArchiveBacklog implements SignalSession.Look {
    static final String NAME = ServerSignal.ARCHIVE_BACKLOG.label();

    /** Of a whole file of log; others are of a history or of a backup. */
    private static final Pattern SEGMENT = Pattern.compile("[0-9A-F]{24}");

    private static final String SQL = """
            SELECT current_setting('archive_mode') <> 'off' AS archives,
                   pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint AS written,
                   (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size') AS segment,
                   last_archived_wal, last_failed_time > coalesce(last_archived_time, '-infinity') AS fails
            FROM pg_stat_archiver
            """;

    /** Up to where the log is archived; negative while nobody has said so. */
    private long archived = -1;

    /** @param bytes from here on nothing is written, and from half of it on the run goes slower */
    static Limits limits(double bytes) {
        return new Limits(NAME, Limits.Unit.BYTES, bytes / 2, bytes, Duration.ofSeconds(1), Duration.ZERO);
    }

    @Override
    public Reading at(Connection connection) throws SQLException {
        return Query.of(connection, SQL).list(this::reading).get(0);
    }

    private Reading reading(ResultSet row) throws SQLException {
        if (!row.getBoolean("archives")) {
            return Reading.of(0, "");
        }
        long behind = behind(row.getLong("written"), row.getLong("segment"), row.getString("last_archived_wal"));
        return Reading.of((double) behind, row.getBoolean("fails") ? "an archiver that fails" : "");
    }

    /**
     * Where nothing was archived yet, what was written before the first look does not count.
     *
     * @param written where the log ends
     * @param segment bytes of a file of log
     * @param last the last file that was archived; null where there is none
     */
    long behind(long written, long segment, @Nullable String last) {
        long whole = written - written % segment;
        if (last != null && SEGMENT.matcher(last).matches()) {
            long file = Long.parseLong(last.substring(8, 16), 16);
            archived = (file << 32) + (Long.parseLong(last.substring(16), 16) + 1) * segment;
        } else if (archived < 0) {
            archived = whole;
        }
        return Math.max(0, whole - archived);
    }
}
