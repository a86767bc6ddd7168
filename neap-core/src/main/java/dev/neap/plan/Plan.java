package dev.neap.plan;

import dev.neap.backfill.Backfill;
import dev.neap.preflight.Finding;
import java.util.List;

/**
 * A backfill compiled against a live database.
 *
 * @param backfill what was declared
 * @param server the server's product and version, for people
 * @param units the units in their order
 * @param estimate what it will take
 * @param locks every table that a swap locks, and the mode
 * @param steps the SQL of each step, for the first unit
 * @param findings what the preflight checks saw
 * @param hash SHA-256 in hex over everything that decides what will be written; the same plan has the same hash
 */
public record Plan(
        Backfill backfill,
        String server,
        List<PlannedUnit> units,
        Estimate estimate,
        List<TableLock> locks,
        List<StepSql> steps,
        List<Finding> findings,
        String hash) {
    public Plan {
        units = List.copyOf(units);
        locks = List.copyOf(locks);
        steps = List.copyOf(steps);
        findings = List.copyOf(findings);
    }

    /** A lock that the swap takes. */
    public record TableLock(String table, String mode, String why) {}

    /** The statements of one step of the protocol. */
    public record StepSql(String step, List<String> statements) {}

    /** Whether a finding refuses the run. */
    public boolean refused() {
        return findings.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR);
    }
}
