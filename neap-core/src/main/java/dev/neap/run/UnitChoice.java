package dev.neap.run;

import dev.neap.backfill.Nearest;
import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.preflight.Finding;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the unit that a person means. */
final class UnitChoice {
    private UnitChoice() {}

    /**
     * The unit with this name, or the first one that has rows.
     *
     * @param typed a partition's name, written as in SQL or as `plan` shows it, with or without its schema; null where none
     *     was named
     * @throws NeapException of kind USAGE where there is none, or more than one
     */
    static PlannedUnit of(Plan plan, @Nullable String typed) {
        List<PlannedUnit> units = plan.units();
        if (units.isEmpty()) {
            throw new NeapException(Kind.USAGE, nothing(plan));
        }
        if (typed == null) {
            return units.stream()
                    .filter(unit -> unit.rowsEstimated() > 0)
                    .findFirst()
                    .orElse(units.get(0));
        }
        List<PlannedUnit> found =
                units.stream().filter(unit -> means(typed, unit.partition())).toList();
        if (found.size() > 1) {
            throw new NeapException(
                    Kind.USAGE,
                    "more than one unit is called " + typed + ": "
                            + found.get(0).partition().sql() + ", "
                            + found.get(1).partition().sql() + "; name the schema too");
        }
        if (found.isEmpty()) {
            throw new NeapException(
                    Kind.USAGE, "no unit of " + plan.backfill().name() + " is called " + typed + near(typed, units));
        }
        return found.get(0);
    }

    private static String nothing(Plan plan) {
        return plan.findings().stream()
                .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                .findFirst()
                .map(finding -> "nothing can be previewed: " + finding.what() + "; " + finding.fix())
                .orElse("the plan has no unit to look at; `neap plan` shows what it found");
    }

    private static boolean means(String typed, TableName partition) {
        if (partition.isCalled(typed)) {
            return true;
        }
        Optional<TableName> parsed = TableName.parse(typed);
        if (parsed.isEmpty()) {
            return false;
        }
        boolean withSchema = !TableName.parse("x." + typed).isPresent();
        return parsed.get().name().equals(partition.name())
                && (!withSchema || parsed.get().schema().equals(partition.schema()));
    }

    private static String near(String typed, List<PlannedUnit> units) {
        List<String> names = units.stream()
                .map(unit -> typed.contains(".")
                        ? unit.partition().sql()
                        : unit.partition().name())
                .toList();
        return Nearest.of(typed, names)
                .map(name -> "; did you mean " + name + "?")
                .orElse("; its units go " + names.get(0) + " … " + names.get(names.size() - 1)
                        + ", `neap plan` shows them");
    }
}
