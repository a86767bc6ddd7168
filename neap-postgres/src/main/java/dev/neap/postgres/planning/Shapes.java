package dev.neap.postgres.planning;

import dev.neap.dialect.NeapException;
import dev.neap.preflight.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which shapes of table this version rebuilds. */
final class Shapes {
    private static final String NOT_YET = "not in this version: ";

    private Shapes() {}

    /** Refuses what is no partitioned table at all. */
    static void requirePartitioned(LiveTable table) {
        if (!table.kind().equals("p")) {
            throw new NeapException(
                    NeapException.Kind.USAGE,
                    table.name() + " is not a partitioned table; name the table that was created with PARTITION BY in"
                            + " rebuild.table.");
        }
    }

    /** Whether units can be found at all, and if not, why. */
    static List<Finding> ofTable(LiveTable table) {
        List<Finding> findings = new ArrayList<>();
        if (!"range".equals(table.strategy())) {
            findings.add(Finding.error(
                    "table-shape",
                    NOT_YET + table.name() + " is partitioned by " + table.partitionKey(),
                    "units are ordered and chosen by their range",
                    "rebuild a table that is partitioned by RANGE"));
        } else if (table.expressionKey()) {
            findings.add(Finding.error(
                    "table-shape",
                    NOT_YET + table.name() + " is partitioned by an expression, " + table.partitionKey(),
                    "such a table cannot have a primary key over all its partitions, and its bounds have no column",
                    "rebuild a table that is partitioned by columns"));
        }
        return findings;
    }

    /** Whether each of the units can be rebuilt, and if not, why. */
    static List<Finding> ofUnits(List<Leaf> units, Map<Long, List<String>> primaryKeys) {
        List<Finding> findings = new ArrayList<>();
        refuse(findings, named(units, "p"), " partitioned again", "each of their partitions would be a unit");
        refuse(findings, named(units, "f"), " foreign tables", "their rows are on another server");
        List<String> keyless = units.stream()
                .filter(leaf -> leaf.kind().equals("r") && !primaryKeys.containsKey(leaf.oid()))
                .map(leaf -> leaf.name().toString())
                .toList();
        if (!keyless.isEmpty()) {
            findings.add(Finding.error(
                    "primary-key",
                    NOT_YET + several(keyless) + " without a primary key",
                    "captured changes are matched to rows by the primary key",
                    "ALTER TABLE … ADD PRIMARY KEY on the partitioned table, or leave these partitions out with"
                            + " rebuild.partitions"));
        }
        List<String> detaching = units.stream()
                .filter(Leaf::detaching)
                .map(leaf -> leaf.name().toString())
                .toList();
        if (!detaching.isEmpty()) {
            findings.add(Finding.error(
                    "detaching",
                    "an unfinished DETACH PARTITION CONCURRENTLY of " + several(detaching),
                    "queries do not see the partition any more, and it cannot be replaced",
                    "ALTER TABLE … DETACH PARTITION … FINALIZE, and plan again"));
        }
        return findings;
    }

    private static void refuse(List<Finding> findings, List<String> names, String what, String why) {
        if (!names.isEmpty()) {
            findings.add(Finding.error(
                    "table-shape",
                    NOT_YET + several(names) + what,
                    why,
                    "leave these partitions out with rebuild.partitions: { from: …, to: … }"));
        }
    }

    private static List<String> named(List<Leaf> units, String kind) {
        return units.stream()
                .filter(leaf -> leaf.kind().equals(kind))
                .map(leaf -> leaf.name().toString())
                .toList();
    }

    /** The first few of many names. */
    static String several(List<String> names) {
        int shown = Math.min(names.size(), 5);
        String more = names.size() > shown ? " and %,d more".formatted(names.size() - shown) : "";
        return String.join(", ", names.subList(0, shown)) + more;
    }
}
