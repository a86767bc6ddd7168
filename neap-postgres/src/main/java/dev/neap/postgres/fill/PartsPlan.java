package dev.neap.postgres.fill;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.backfill.TableName;
import dev.neap.plan.Estimate;
import dev.neap.plan.Plan;
import dev.neap.plan.Plan.StepSql;
import dev.neap.plan.Plan.TableLock;
import dev.neap.plan.PlannedUnit;
import dev.neap.plan.PlannedUnit.Segment;
import dev.neap.preflight.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The plans of several fills as one: the units of all, one table after another, each called after the table it fills. */
final class PartsPlan {
    private final Backfill backfill;
    private final List<PlannedUnit> units = new ArrayList<>();
    private final List<TableLock> locks = new ArrayList<>();
    private final List<StepSql> steps = new ArrayList<>();
    private final List<String> hashes = new ArrayList<>();
    private final List<Finding> findings;
    private final Map<TableName, Integer> counts = new HashMap<>();
    private final Set<TableName> filled = new HashSet<>();
    private Estimate estimate = new Estimate(0, 0, 0, 0, 0, 0, Duration.ZERO);
    private String server = "";

    /** @param findings what the order of the tables speaks of */
    PartsPlan(Backfill backfill, List<Finding> findings) {
        this.backfill = backfill;
        this.findings = new ArrayList<>(findings);
    }

    /** Adds the next, as if it were alone. */
    void add(Backfill part, Plan plan) {
        Fill fill = part.fill();
        TableName table = fill.into();
        boolean later = filled.contains(fill.from());
        if (later) {
            findings.add(Finding.note(
                    "cut-later",
                    fill.from() + " is filled before, and has other rows by then",
                    "it is cut into segments when that is done"));
        } else {
            plan.units().forEach(unit -> units.add(named(unit, part.part(), table)));
            estimate = sum(estimate, plan.estimate());
        }
        filled.add(table);
        locks.addAll(plan.locks());
        plan.steps().forEach(step -> steps.add(new StepSql(step.step() + ", " + table, step.statements())));
        plan.findings().stream()
                .filter(finding -> !(later && finding.check().equals("nothing")))
                .forEach(finding -> findings.add(new Finding(
                        finding.severity(),
                        finding.check(),
                        table + ": " + finding.what(),
                        finding.why(),
                        finding.fix())));
        server = plan.server();
        hashes.add(plan.hash());
    }

    private PlannedUnit named(PlannedUnit unit, int part, TableName table) {
        int number = counts.merge(table, 1, Integer::sum);
        Segment segment = unit.segment();
        return new PlannedUnit(
                units.size() + 1,
                new TableName(table.schema(), table.name() + "#" + number),
                unit.bound(),
                unit.rowsEstimated(),
                unit.tableBytes(),
                unit.indexBytes(),
                segment == null ? null : new Segment(part, segment.after(), segment.upTo()));
    }

    private static Estimate sum(Estimate one, Estimate other) {
        return new Estimate(
                one.rows() + other.rows(),
                one.shadowBytes() + other.shadowBytes(),
                one.keptBytes() + other.keptBytes(),
                one.indexBytes() + other.indexBytes(),
                one.walBytes() + other.walBytes(),
                one.sortBytes() + other.sortBytes(),
                one.duration().plus(other.duration()));
    }

    /**
     * @param major the server's
     * @param schemas those of the session
     */
    Plan plan(int major, List<String> schemas) {
        boolean refused = findings.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR);
        return new Plan(
                backfill,
                server,
                refused ? List.of() : units,
                estimate,
                locks,
                steps,
                findings,
                FillPlanner.hash(backfill, major, schemas, hashes));
    }
}
