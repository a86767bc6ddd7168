package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.plan.Estimate;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What the checks look at.
 *
 * @param connection inside a read-only transaction
 * @param backfill what was declared
 * @param table the partitioned table's OID
 * @param units the OIDs of the partitions that will be rebuilt
 * @param estimate what the run is expected to take
 */
public record Subject(Connection connection, Backfill backfill, long table, List<Long> units, Estimate estimate) {
    public Subject {
        units = List.copyOf(units);
    }

    /** The partitioned table, its units, and the tables between them, as an array parameter. */
    List<String> tableAndUnits() throws SQLException {
        return Query.of(connection, """
                        WITH RECURSIVE above AS (
                            SELECT unnest(?::oid[]) AS oid
                            UNION SELECT i.inhparent FROM above JOIN pg_inherits i ON i.inhrelid = above.oid
                            WHERE above.oid <> ?::oid)
                        SELECT oid::bigint::text FROM above UNION SELECT ?::bigint::text
                        """, unitOids(), table, table).texts();
    }

    /** The units, as an array parameter. */
    List<String> unitOids() {
        return units.stream().map(String::valueOf).toList();
    }

    /** Whether no partition is replaced. */
    boolean merges() {
        return backfill.rebuild().merges();
    }

    /** The table's name, for people. */
    String name() {
        return backfill.rebuild().table().toString();
    }
}
