package dev.neap.plan;

import dev.neap.backfill.Backfill;
import dev.neap.preflight.Finding;
import java.util.ArrayList;
import java.util.List;

/**
 * A backfill compiled against a live database.
 *
 * @param backfill what was declared
 * @param server the server's product and version, for people
 * @param units the units in their order
 * @param estimate what it will take
 * @param locks every table that a unit locks, the mode, when, and why
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

    /**
     * A lock on a table that the application uses.
     *
     * @param when when it is taken: the swap or the merge, or the steps around it
     * @param why what takes it, and how long it stays
     */
    public record TableLock(String table, String mode, When when, String why) {
        /** When a lock is taken, in the order of the protocol. */
        public enum When {
            /** Before the swap: short, each by itself. */
            BEFORE,
            /** All at once, under one deadline. */
            SWAP,
            /** Batch by batch, in place of a swap. */
            MERGE,
            /** When the partition settles. */
            AFTER
        }
    }

    /** The statements of one step of the protocol. */
    public record StepSql(String step, List<String> statements) {}

    /** Everything else of it. */
    public Plan withoutUnits() {
        return new Plan(backfill, server, List.of(), estimate, locks, steps, findings, hash);
    }

    /** The same with more findings, which come first. */
    public Plan and(List<Finding> more) {
        List<Finding> all = new ArrayList<>(more);
        all.addAll(findings);
        return new Plan(backfill, server, units, estimate, locks, steps, all, hash);
    }

    /** Whether a finding refuses the run. */
    public boolean refused() {
        return findings.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR);
    }
}
