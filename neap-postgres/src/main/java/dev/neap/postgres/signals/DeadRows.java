package dev.neap.postgres.signals;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.ServerSignal;
import dev.neap.postgres.query.Query;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * How many percent of the rows of a table that is written are dead, and still to be removed; of several tables, and of
 * partitions, that which has the most. Where a vacuum is at work on it, the reading says so.
 */
final class DeadRows implements SignalSession.Look {
    static final String NAME = ServerSignal.DEAD_ROWS.label();

    /** Fewer dead rows than these slow nobody down. */
    static final long FEW = 1_000_000;

    private static final String SQL = """
            WITH target AS (SELECT name, to_regclass(name)::oid AS oid FROM unnest(?::text[]) AS given (name)),
            leaf AS (SELECT name, oid FROM target
                     UNION ALL
                     SELECT part.relid::regclass::text, part.relid::oid
                     FROM target CROSS JOIN LATERAL pg_partition_tree(target.oid) AS part WHERE part.isleaf)
            SELECT name, oid IS NOT NULL AS there,
                   CASE WHEN dead >= ? THEN 100.0 * dead / (dead + live) ELSE 0 END AS share,
                   EXISTS (SELECT 1 FROM pg_stat_progress_vacuum v
                           WHERE v.datname = current_database() AND v.relid = leaf.oid) AS vacuumed
            FROM leaf CROSS JOIN LATERAL
                 (SELECT pg_stat_get_dead_tuples(oid) AS dead, pg_stat_get_live_tuples(oid) AS live) AS rows
            ORDER BY there, share DESC LIMIT 1
            """;

    private final List<String> tables;
    private final long few;

    /**
     * @param tables those that are written, as in SQL; at least one
     * @param few fewer dead rows than these do not count, at least 1
     */
    DeadRows(List<String> tables, long few) {
        this.tables = List.copyOf(tables);
        this.few = few;
    }

    /** Tables whose rows a backfill writes where they are. */
    static List<String> written(Backfill backfill) {
        if (backfill.fills()) {
            return backfill.parts().stream()
                    .map(part -> part.fill().into().sql())
                    .distinct()
                    .toList();
        }
        return backfill.rebuild().merges() ? List.of(backfill.rebuild().table().sql()) : List.of();
    }

    /** @param percent from here on nothing is written, and from half of it on the run goes slower */
    static Limits limits(double percent) {
        return new Limits(NAME, Limits.Unit.PERCENT, percent / 2, percent, Duration.ofSeconds(2), Duration.ZERO);
    }

    @Override
    public Reading at(Connection connection) throws SQLException {
        return Query.of(connection, SQL, tables, few).list(DeadRows::reading).get(0);
    }

    private static Reading reading(ResultSet row) throws SQLException {
        String name = row.getString("name");
        return row.getBoolean("there")
                ? Reading.of(
                        row.getDouble("share"), name + (row.getBoolean("vacuumed") ? ", which is vacuumed now," : ""))
                : Reading.none("there is no table " + name);
    }
}
