package dev.neap.verify;

import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which of the partitions that were replaced are verified. */
final class Chosen {
    private Chosen() {}

    /**
     * Those that are named, in their own order; all where none is.
     *
     * @param named each as `name` or `schema.name`
     * @param backfill its name, for a message
     * @throws NeapException USAGE where a name is that of none, or of several
     */
    static List<UnitRow> of(List<UnitRow> units, List<String> named, String backfill) {
        if (named.isEmpty()) {
            return units;
        }
        Set<UnitRow> chosen = new LinkedHashSet<>();
        for (String name : named) {
            chosen.add(one(units, name, backfill));
        }
        return units.stream().filter(chosen::contains).toList();
    }

    private static UnitRow one(List<UnitRow> units, String name, String backfill) {
        List<UnitRow> found =
                units.stream().filter(unit -> unit.partition().isCalled(name)).toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        throw new NeapException(
                Kind.USAGE,
                found.isEmpty()
                        ? "no run of '" + backfill + "' has replaced a partition '" + name + "'; `neap status "
                                + backfill + "` shows what it did"
                        : "'" + backfill + "' has replaced several partitions '" + name + "'; write schema.name");
    }
}
