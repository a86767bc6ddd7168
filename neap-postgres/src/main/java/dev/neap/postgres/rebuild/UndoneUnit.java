package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The unit that another one undoes.
 *
 * @param keptOid the OID of the partition that it replaced, and that is kept
 * @param liveOid the OID of the partition that it made, and that is live
 * @param kept whether it kept anything; a merge does not
 * @param untilOver whether the time for which the replaced one is kept is over
 * @param sameKeys whether the two had the same keys at the swap; a recompute from other tables may drop and add some
 */
record UndoneUnit(
        long run,
        long unit,
        String state,
        long keptOid,
        long liveOid,
        boolean kept,
        boolean untilOver,
        boolean sameKeys) {
    private static final String COLUMNS = "SELECT u.run_id, u.id, u.state, coalesce(u.live_oid, 0)::bigint,"
            + " coalesce(u.shadow_oid, 0)::bigint, u.kept_until IS NOT NULL, coalesce(u.kept_until <= clock_timestamp(), false),"
            // An undo, or the undo of an undo, puts in what some rebuild made.
            + " NOT EXISTS (WITH RECURSIVE made AS (SELECT u.id, u.undoes, u.source_snapshot IS NOT NULL AS sourced"
            + " UNION SELECT earlier.id, earlier.undoes, earlier.source_snapshot IS NOT NULL"
            + " FROM neap.unit earlier JOIN made ON earlier.id = made.undoes)"
            + " SELECT FROM made WHERE sourced) FROM neap.unit u";

    /** What this unit undoes; empty when it is one of a rebuild. */
    static Optional<UndoneUnit> by(Connection connection, long unit) throws SQLException {
        return read(connection, COLUMNS + " JOIN neap.unit undo ON undo.undoes = u.id WHERE undo.id = ?", unit);
    }

    static Optional<UndoneUnit> of(Connection connection, long unit) throws SQLException {
        return read(connection, COLUMNS + " WHERE u.id = ?", unit);
    }

    private static Optional<UndoneUnit> read(Connection connection, String sql, long unit) throws SQLException {
        return Query.of(connection, sql, unit)
                .first(r -> new UndoneUnit(
                        r.getLong(1),
                        r.getLong(2),
                        r.getString(3),
                        r.getLong(4),
                        r.getLong(5),
                        r.getBoolean(6),
                        r.getBoolean(7),
                        r.getBoolean(8)));
    }
}
