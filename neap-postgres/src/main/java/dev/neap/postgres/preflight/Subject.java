package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.plan.Estimate;
import java.sql.Connection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the checks look at.
 *
 * @param connection inside a read-only transaction
 * @param backfill what was declared
 * @param table the partitioned table's OID
 * @param above the OIDs of the table and of what lies between it and the units
 * @param units the OIDs of the partitions that will be rebuilt
 * @param estimate what the run is expected to take
 */
public record Subject(
        Connection connection, Backfill backfill, long table, Set<Long> above, List<Long> units, Estimate estimate) {
    public Subject {
        above = Set.copyOf(above);
        units = List.copyOf(units);
    }

    /** The partitioned table, its units, and the tables between them, as an array parameter. */
    List<String> tableAndUnits() {
        return Stream.concat(above.stream(), units.stream())
                .map(String::valueOf)
                .toList();
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
