package dev.neap.postgres;

import dev.neap.control.Verifications;
import dev.neap.dialect.Leftover;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Checkpoints of verifications that were stopped. One that is too old to be gone on with is of no use. */
final class VerificationLeftovers {
    private VerificationLeftovers() {}

    static List<Leftover> find(Connection c) throws SQLException {
        // Control tables of an earlier version do not have it.
        if (!Query.of(c, "SELECT to_regclass('neap.verification') IS NOT NULL").truth()) {
            return List.of();
        }
        return Query.of(
                        c,
                        "SELECT id, backfill, until < clock_timestamp(), to_char(until, 'YYYY-MM-DD HH24:MI TZ')"
                                + " FROM (SELECT v.*, saved_at + ?::bigint * interval '1 second' AS until"
                                + " FROM neap.verification v) AS v ORDER BY id",
                        String.valueOf(Verifications.GONE_ON_WITHIN.toSeconds()))
                .list(r -> new Leftover(
                        "verification",
                        "checkpoint " + r.getLong(1) + " of " + r.getString(2),
                        0,
                        r.getBoolean(3)
                                ? "nobody has gone on with it"
                                : "neap verify goes on from it until " + r.getString(4),
                        r.getBoolean(3),
                        List.of("DELETE FROM neap.verification WHERE id = " + r.getLong(1))));
    }
}
