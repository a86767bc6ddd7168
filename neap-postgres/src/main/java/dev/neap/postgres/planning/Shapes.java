package dev.neap.postgres.planning;

import dev.neap.backfill.LiveWrites;
import dev.neap.dialect.NeapException;
import dev.neap.preflight.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

    /**
     * Whether each of the units can be rebuilt, and if not, why.
     *
     * @param keys the columns by which a changed row of a unit is found again
     * @param referencing units that have foreign keys
     * @param detaching partitions, above the units too, with an unfinished DETACH
     */
    static List<Finding> ofUnits(
            List<Leaf> units,
            Map<Long, List<String>> keys,
            LiveWrites writes,
            Set<Long> referencing,
            List<Leaf> detaching) {
        List<Finding> findings = new ArrayList<>();
        refuse(findings, named(units, "f"), " foreign tables", "their rows are on another server");
        List<Leaf> keyless = units.stream()
                .filter(leaf -> leaf.kind().equals("r") && !keys.containsKey(leaf.oid()))
                .toList();
        if (!keyless.isEmpty()) {
            findings.add(withoutKey(keyless, writes, referencing));
        }
        if (!detaching.isEmpty()) {
            findings.add(Finding.error(
                    "detaching",
                    "an unfinished DETACH PARTITION CONCURRENTLY of " + several(names(detaching)),
                    "queries do not see the partition any more, and it cannot be replaced",
                    "ALTER TABLE … DETACH PARTITION … FINALIZE, and plan again"));
        }
        return findings;
    }

    private static Finding withoutKey(List<Leaf> keyless, LiveWrites writes, Set<Long> referencing) {
        if (writes == LiveWrites.CAPTURE) {
            return Finding.error(
                    "row-key",
                    several(names(keyless)) + " without a primary key, or a unique index over columns that refuse null",
                    "captured changes are matched to rows by it",
                    "ALTER TABLE … ADD PRIMARY KEY or CREATE UNIQUE INDEX over NOT NULL columns; or say writes: none"
                            + " when no application writes during the run; or leave these partitions out with"
                            + " rebuild.partitions");
        }
        List<Leaf> withForeignKeys = keyless.stream()
                .filter(leaf -> referencing.contains(leaf.oid()))
                .toList();
        if (!withForeignKeys.isEmpty()) {
            return Finding.error(
                    "row-key",
                    several(names(withForeignKeys)) + " with foreign keys and without a key of their own",
                    "the shadow would have the same foreign keys, and without a key nobody could take a row out of it when"
                            + " an application deletes it and what it references: that application would be refused",
                    "CREATE UNIQUE INDEX over columns that refuse null, or leave these partitions out with"
                            + " rebuild.partitions");
        }
        return Finding.note(
                "row-key",
                several(names(keyless)) + " without a key",
                "with writes: none that is enough: any write that is seen all the same sends the partition back to its"
                        + " load, and rows are compared whole");
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
        return names(units.stream().filter(leaf -> leaf.kind().equals(kind)).toList());
    }

    private static List<String> names(List<Leaf> leaves) {
        return leaves.stream().map(leaf -> leaf.name().toString()).toList();
    }

    /** The first few of many names. */
    static String several(List<String> names) {
        int shown = Math.min(names.size(), 5);
        String more = names.size() > shown ? " and %,d more".formatted(names.size() - shown) : "";
        return String.join(", ", names.subList(0, shown)) + more;
    }
}
