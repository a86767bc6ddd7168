package dev.neap.cli;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Schedule;
import dev.neap.cli.text.Text;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Estimate;
import dev.neap.plan.Plan;
import dev.neap.plan.Plan.TableLock;
import dev.neap.plan.PlannedUnit;
import dev.neap.plan.RunSessions;
import dev.neap.preflight.Finding;
import dev.neap.transform.TransformSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A plan in words. */
final class PlanText {
    /** More units than these are left to `--json`. */
    private static final int MOST_UNITS = 40;

    private PlanText() {}

    /** Everything that a plan knows. */
    static String whole(Plan plan) {
        List<String> lines = new ArrayList<>(facts(plan));
        lines.add("");
        lines.addAll(units(plan));
        String cutover = cutover(plan.backfill());
        addLocks(
                lines,
                plan,
                TableLock.When.BEFORE,
                plan.backfill().fills()
                        ? "Before " + first(plan) + " batch the run locks, for an instant"
                        : "Before " + cutover + " a unit locks, for an instant each");
        addLocks(lines, plan, TableLock.When.SWAP, "A swap locks");
        addLocks(lines, plan, TableLock.When.MERGE, "A merge locks");
        addLocks(
                lines,
                plan,
                TableLock.When.AFTER,
                plan.backfill().fills()
                        ? "At its end the run locks, for an instant"
                        : "After " + cutover + " a unit locks, for an instant");
        if (!plan.steps().isEmpty()) {
            lines.add("");
            lines.add("The SQL of each step" + firstUnit(plan));
            plan.steps().forEach(step -> lines.addAll(step(step)));
        }
        lines.add("");
        lines.add(findings(plan.findings()));
        return String.join("\n", lines);
    }

    private static String first(Plan plan) {
        return plan.backfill().parts().size() == 1 ? "its first" : "each table's first";
    }

    private static String cutover(Backfill backfill) {
        return backfill.fills() || !backfill.rebuild().merges() ? "the swap" : "the merge";
    }

    private static void addLocks(List<String> lines, Plan plan, TableLock.When when, String heading) {
        List<List<String>> rows = plan.locks().stream()
                .filter(lock -> lock.when() == when)
                .map(lock -> List.of("  " + lock.table(), lock.mode(), lock.why()))
                .toList();
        if (!rows.isEmpty()) {
            lines.add("");
            lines.add(heading);
            lines.addAll(Text.table(rows));
        }
    }

    /** What a person should know before saying yes. */
    static String summary(Plan plan) {
        List<String> lines = new ArrayList<>(facts(plan));
        List<Finding> findings = plan.findings().stream()
                .filter(finding -> finding.severity() != Finding.Severity.NOTE)
                .toList();
        if (!findings.isEmpty()) {
            lines.add("");
            lines.add(findings(findings));
        }
        return String.join("\n", lines);
    }

    /** Findings, the worst first, each with what mends it. */
    static String findings(List<Finding> findings) {
        if (findings.isEmpty()) {
            return "The preflight checks found nothing in the way.";
        }
        List<String> lines = new ArrayList<>();
        for (Finding.Severity severity : Finding.Severity.values()) {
            for (Finding finding : findings) {
                if (finding.severity() == severity) {
                    lines.add(severity.name().toLowerCase(Locale.ROOT) + " " + finding.check() + ": " + finding.what());
                    addIndented(lines, "why: ", finding.why());
                    addIndented(lines, "fix: ", finding.fix());
                }
            }
        }
        return String.join("\n", lines);
    }

    private static void addIndented(List<String> lines, String label, String text) {
        if (!text.isBlank()) {
            lines.add("  " + label + text.strip().replace("\n", "\n       "));
        }
    }

    private static List<String> facts(Plan plan) {
        Backfill backfill = plan.backfill();
        Estimate estimate = plan.estimate();
        if (backfill.fills()) {
            return fillFacts(plan);
        }
        String order = plan.units().size() < 2
                ? ""
                : switch (backfill.rebuild().partitions().order()) {
                    case NEWEST_FIRST -> ", newest first";
                    case OLDEST_FIRST -> ", oldest first";
                };
        List<List<String>> facts = new ArrayList<>(List.of(
                List.of(
                        "Backfill",
                        backfill.name() + ": rebuild "
                                + backfill.rebuild().table().sql()),
                List.of("Server", plan.server()),
                List.of(
                        "Units",
                        Text.count(plan.units().size(), "partition") + order + "; about "
                                + Text.count(estimate.rows(), "row")),
                List.of(
                        "Disk",
                        backfill.rebuild().merges()
                                ? "nothing is replaced, so nothing is kept; changed rows leave dead ones, which"
                                        + " autovacuum clears"
                                : Text.bytes(estimate.keptBytes()) + " for replaced partitions, kept "
                                        + Text.duration(backfill.rebuild().keepOld())),
                List.of(
                        "",
                        Text.bytes(estimate.shadowBytes())
                                + (backfill.rebuild().cutover() == Cutover.HOLD
                                        ? " for the shadows of all units at once, "
                                        : " for the largest shadow, each worker has one, ")
                                + Text.bytes(estimate.indexBytes()) + " for all indexes, "
                                + Text.bytes(estimate.sortBytes()) + " to sort"),
                List.of("", Text.bytes(estimate.walBytes()) + " of WAL over the whole run"),
                List.of("Time", "about " + Text.duration(estimate.duration()) + ", " + pace(backfill))));
        ceiling(plan).forEach(line -> facts.add(List.of("", line)));
        hours(backfill).ifPresent(words -> facts.add(List.of("Hours", words)));
        facts.add(List.of("Hash", plan.hash()));
        return Text.table(facts);
    }

    private static List<String> ceiling(Plan plan) {
        return Optional.ofNullable(plan.backfill().pace().rate())
                .filter(rate -> plan.estimate().rows() > 0)
                .map(rate -> CeilingText.of(rate, plan.estimate()))
                .orElse(List.of());
    }

    private static Optional<String> hours(Backfill backfill) {
        Schedule schedule = backfill.throttle().schedule();
        return schedule.always() ? Optional.empty() : Optional.of("it writes " + schedule + "; else it waits");
    }

    private static List<String> fillFacts(Plan plan) {
        Backfill backfill = plan.backfill();
        Estimate estimate = plan.estimate();
        List<Backfill> parts = backfill.parts();
        List<List<String>> facts = new ArrayList<>();
        facts.add(List.of(
                "Backfill",
                backfill.name() + ": "
                        + (parts.size() == 1
                                ? "fill " + what(backfill.fill())
                                : "fill " + parts.size() + " tables, one after another")));
        if (parts.size() > 1) {
            parts.forEach(part -> facts.add(List.of("", part.part() + ". " + what(part.fill()))));
        }
        facts.add(List.of("Server", plan.server()));
        facts.add(List.of(
                "Units",
                Text.count(plan.units().size(), "segment") + " of the key, in its order; about "
                        + Text.count(estimate.rows(), "row") + " to look at"));
        facts.addAll(parts.stream()
                .map(part -> conflict(part.fill()))
                .distinct()
                .map(rule -> List.of("Conflict", rule))
                .toList());
        parts.forEach(part -> made(part.fill()).ifPresent(by -> facts.add(List.of("Values", by))));
        facts.add(List.of(
                "Disk",
                parts.stream().allMatch(part -> part.fill().inPlace())
                        ? "each row is written anew: up to " + Text.bytes(estimate.shadowBytes())
                                + " of dead rows, which autovacuum clears as the run goes on"
                        : "up to " + Text.bytes(estimate.shadowBytes()) + " for the rows, and their indexes"));
        facts.add(List.of("", "about " + Text.bytes(estimate.walBytes()) + " of WAL over the whole run"));
        facts.add(List.of(
                "Batches",
                "at most " + Text.count(backfill.batchRows(), "row") + " each, cut so that one takes about "
                        + Text.duration(backfill.profile().batchTime())));
        facts.add(List.of("Sessions", sessions(RunSessions.of(backfill))));
        facts.add(List.of("Time", "about " + Text.duration(estimate.duration()) + ", " + pace(backfill)));
        facts.add(List.of(
                "", "and " + Text.duration(secondWrites(parts)) + " and more for an application's second writes"));
        ceiling(plan).forEach(line -> facts.add(List.of("", line)));
        hours(backfill).ifPresent(words -> facts.add(List.of("Hours", words)));
        facts.add(List.of("Hash", plan.hash()));
        return Text.table(facts);
    }

    private static String sessions(RunSessions sessions) {
        return "at most " + sessions.working() + " of the server's connections"
                + (sessions.watching() == 0 ? "; " : ", and up to " + sessions.watching() + " that only watch; ")
                + "--workers 2 takes " + sessions.second() + " more";
    }

    /** Before its first batch, after its last one, and before capture ends. */
    private static Duration secondWrites(List<Backfill> parts) {
        return parts.stream()
                .map(part ->
                        Tuning.DEFAULT.secondWrite().multipliedBy(part.fill().inPlace() ? 1 : 3))
                .reduce(Duration.ZERO, Duration::plus);
    }

    private static String what(Fill fill) {
        return fill.inPlace()
                ? String.join(", ", fill.columns()) + " of " + fill.into().sql()
                : fill.into().sql() + " from " + fill.from().sql();
    }

    private static Optional<String> made(Fill fill) {
        TransformSource transform = fill.transform();
        return transform == null
                ? Optional.empty()
                : Optional.of("made in Java by " + transform.name() + "; SHA-256 of its code "
                        + transform.sha256().substring(0, 12) + "…");
    }

    private static String conflict(Fill fill) {
        return switch (fill.conflict().rule()) {
            case KEEP -> "keep: what is there already stays";
            case OVERWRITE -> "overwrite: what is there is replaced where the fill makes something else of its source";
            case NEWER ->
                "newer: what is there is replaced where the row of "
                        + fill.from().sql() + " has a later " + fill.conflict().newer();
        };
    }

    private static String pace(Backfill backfill) {
        var rate = backfill.pace().rate();
        String ceiling = rate == null ? "as fast as it goes" : "at " + Text.count(rate.rows()) + " rows/s at most";
        return backfill.pace().pause().isZero()
                ? ceiling
                : ceiling + " and " + Text.duration(backfill.pace().pause()) + " between units";
    }

    private static List<String> units(Plan plan) {
        List<List<String>> rows = new ArrayList<>();
        if (plan.units().isEmpty()) {
            return List.of(
                    plan.refused()
                            ? "What is to be done is not known before the errors below are mended."
                            : "Nothing is to be done.");
        }
        rows.add(
                plan.backfill().fills()
                        ? List.of("Unit", "Segment", "Keys", "Rows", "Table", "")
                        : List.of("Unit", "Partition", "Bound", "Rows", "Table", "Indexes"));
        for (PlannedUnit unit :
                plan.units().subList(0, Math.min(MOST_UNITS, plan.units().size()))) {
            rows.add(List.of(
                    String.valueOf(unit.position()),
                    unit.partition().sql(),
                    unit.bound(),
                    Text.count(unit.rowsEstimated()),
                    Text.bytes(unit.tableBytes()),
                    plan.backfill().fills() ? "" : Text.bytes(unit.indexBytes())));
        }
        List<String> lines = new ArrayList<>(Text.table(rows, true, false, false, true, true, true));
        int more = plan.units().size() - MOST_UNITS;
        if (more > 0) {
            lines.add("... and " + Text.count(more) + " more; --json has all of them");
        }
        return lines;
    }

    private static String firstUnit(Plan plan) {
        return plan.units().isEmpty()
                ? ""
                : ", here for " + plan.units().get(0).partition().sql();
    }

    private static List<String> step(Plan.StepSql step) {
        List<String> lines = new ArrayList<>();
        lines.add("  " + step.step());
        for (String statement : step.statements()) {
            lines.add(Text.indent(Shell.sql(statement), 4));
        }
        return lines;
    }
}
