package dev.neap.parity;

import dev.neap.plan.Explanation;
import dev.neap.plan.Plan;
import dev.neap.plan.StatementPlan;
import dev.neap.plan.TableScan;
import dev.neap.preflight.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** How a server would carry out a backfill's own statements, so far as another must do the same. */
public final class PlanFacts {
    private static final String TOPIC = "plans";

    private PlanFacts() {}

    /** A plan that one server refuses and the other does not, or for another reason. */
    public static Survey of(Plan plan) {
        String refused = plan.findings().stream()
                .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                .map(Finding::check)
                .distinct()
                .collect(Collectors.joining(", "));
        return new Survey(
                List.of(new Fact(
                        TOPIC, "the plan", refused.isEmpty() ? "may run" : "refused by " + refused, Weight.WORTHLESS)),
                List.of(),
                List.of());
    }

    /**
     * A server that cannot plan it at all.
     *
     * @param why such as a table that is not there
     */
    public static Survey ofNone(String why) {
        return new Survey(
                List.of(new Fact(TOPIC, "the plan", why, Weight.WORTHLESS)),
                List.of(),
                List.of("how it would carry out the statements"));
    }

    /**
     * How each statement gets at each table: costs and counts are each server's own, and so are the name of the first
     * partition and those of its indexes.
     */
    public static Survey of(Plan plan, Explanation explanation) {
        Set<String> partitions = plan.backfill().fills()
                ? Set.of()
                : plan.units().stream()
                        .limit(1)
                        .map(unit -> unit.partition().sql())
                        .collect(Collectors.toSet());
        List<Fact> facts = new ArrayList<>();
        for (Explanation.Statement statement : explanation.statements()) {
            StatementPlan one = statement.plan();
            facts.add(new Fact(
                    TOPIC,
                    one.name(),
                    one.scans().stream()
                            .map(scan -> scan(scan, partitions))
                            .distinct()
                            .collect(Collectors.joining(", ")),
                    Weight.WORTHLESS));
        }
        // Without a statement the notes say why there is none.
        return new Survey(facts, List.of(), facts.isEmpty() ? explanation.notes() : List.of());
    }

    private static String scan(TableScan scan, Set<String> partitions) {
        if (partitions.contains(scan.table())) {
            // Some of its blocks, or all where it is small: that is a matter of size.
            return "the partition by " + (scan.index() == null ? "blocks" : scan.how());
        }
        return scan.table() + " by " + (scan.index() == null ? scan.how() : scan.index());
    }
}
