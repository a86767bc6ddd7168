package dev.neap.cli;

import dev.neap.backfill.Durations;
import dev.neap.cli.progress.ProgressLines;
import dev.neap.cli.progress.StatusView;
import dev.neap.cli.text.Text;
import dev.neap.control.ErrorCounts;
import dev.neap.control.RunStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What the control tables say of a run, in words. */
final class StatusText {
    private StatusText() {}

    /**
     * One run, whole.
     *
     * @param standIns the triggers that write its second place though it is done
     */
    static String whole(RunStatus status, List<String> standIns) {
        List<String> lines = new ArrayList<>();
        lines.add("Run " + status.runId() + " of " + status.backfill() + ": "
                + (status.undoes() == 0
                        ? status.fills() ? "fill " : "rebuild "
                        : "undo of run " + status.undoes() + ", ")
                + status.table());
        lines.addAll(Text.table(facts(status)));
        standIns.forEach(trigger -> lines.add("  Dual write by the trigger " + trigger));
        for (RunStatus.Current unit : status.current()) {
            lines.add("");
            lines.add("  In work: " + unit.partition() + ", " + unit.step() + ", attempt " + unit.attempt() + ", "
                    + Text.count(unit.rows()) + " of about " + Text.count(unit.rowsEstimated(), "row"));
            if (unit.waitingFor() != null) {
                lines.add("  Waiting: " + Text.visible(unit.waitingFor().replaceFirst("^waits ", "")));
            }
            if (unit.owner() != null) {
                lines.add("  Owner:   " + unit.owner()
                        + (unit.leaseUntil() == null ? "" : ", lease until " + seconds(unit.leaseUntil())));
            }
        }
        if (!status.held().isEmpty()) {
            lines.add("");
            lines.add("  Held: ready to swap");
            status.held()
                    .forEach(held -> lines.add("    " + held.partition() + ", "
                            + Text.count(held.behind(), "change") + " behind when it last caught up, since "
                            + seconds(held.since())));
        }
        if (!status.failures().isEmpty()) {
            lines.add("");
            lines.add("  Set aside");
            status.failures()
                    .forEach(failure -> lines.add("    " + failure.partition() + " at " + failure.step() + ": "
                            + Text.visible(failure.cause())));
        }
        if (!status.events().isEmpty()) {
            lines.add("");
            lines.add("  Newest events");
            status.events().forEach(event -> lines.add("    " + seconds(event.at()) + "  " + event(event)));
        }
        return String.join("\n", lines);
    }

    private static List<List<String>> facts(RunStatus status) {
        RunStatus.Counts units = status.units();
        List<List<String>> facts = new ArrayList<>();
        facts.add(List.of("  State", state(status)));
        facts.add(List.of(
                "  Units",
                units.done() + " done, " + units.running() + " running, "
                        + (units.held() == 0 ? "" : units.held() + " held, ") + units.pending() + " pending, "
                        + units.failed() + " failed, " + units.skipped() + " skipped, "
                        + (units.undone() == 0 ? "" : units.undone() + " undone, ") + "of " + units.all()));
        facts.add(List.of(
                "  Rows",
                Text.count(status.rowsDone()) + " of about "
                        + Text.count(Math.max(status.rowsDone(), status.rowsEstimated())) + " ("
                        + StatusView.percent(status) + " %)"));
        if (status.setAside() > 0) {
            facts.add(List.of(
                    "  Aside",
                    Text.count(status.setAside(), "row") + " could not be written: "
                            + ErrorCounts.asideSql(status.runId())));
        }
        if (!status.retries().isEmpty()) {
            facts.add(List.of("  Again", retries(status.retries())));
        }
        Long rate = status.ratePerSecond();
        facts.add(List.of(
                "  Pace",
                (rate == null ? "no ceiling" : "at most " + Text.count(rate) + " rows/s") + ", "
                        + Durations.write(status.pause()) + " between units, "
                        + Durations.write(status.batchPause()) + " between batches"));
        if (status.speed() != null && status.alive()) {
            facts.add(List.of("  Speed", status.speed()));
        }
        if (status.remaining() != null
                && status.finishedAt() == null
                && !status.wish().equals("pause")
                && !waitsForSwap(status)) {
            facts.add(List.of("  Time", ProgressLines.remaining(status.remaining(), false)));
        }
        facts.add(List.of("  Hash", status.planHash()));
        return facts;
    }

    /** `12 tries: cancelled 3, lock 9`. */
    private static String retries(Map<String, Long> retries) {
        long all = retries.values().stream().mapToLong(Long::longValue).sum();
        return Text.count(all)
                + (all == 1 ? " try: " : " tries: ")
                + retries.entrySet().stream()
                        .map(cause -> cause.getKey() + " " + Text.count(cause.getValue()))
                        .collect(Collectors.joining(", "));
    }

    private static String event(RunStatus.Line event) {
        String partition = event.partition() == null || event.message().startsWith(event.partition())
                ? ""
                : event.partition() + " ";
        return Text.visible(event.kind() + ": " + partition + event.message());
    }

    private static String seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** `running`, with what is asked of it and whether anybody is at it. */
    static String state(RunStatus status) {
        if (!status.state().equals("running")) {
            return status.state();
        }
        String wish = switch (status.wish()) {
            case "pause" -> status.alive() ? "paused, or about to pause" : "running, asked to pause";
            case "stop" -> status.alive() ? "stopping at the next safe point" : "running, asked to stop";
            default -> "running";
        };
        return status.alive() ? wish : wish + "; but no process is at it";
    }

    /** What to do next about this run. */
    static String next(RunStatus status, Subject subject) {
        Object typed = subject.typed().isEmpty() ? status.backfill() : subject.typed();
        String run = status.undoes() != 0
                ? Shell.neap("undo", typed)
                : subject.byFile() ? Shell.neap("run", typed) : "neap run FILE";
        return switch (status.state()) {
            case "done" ->
                status.fills()
                        ? status.setAside() > 0 ? mendAside(run) : "nothing; a fill leaves nothing to clean up"
                        : Shell.neap("cleanup", subject.byFile() ? typed : "");
            case "failed" -> "mend the causes, then: " + run;
            case "stopped" -> run + "   (goes on where it stopped)";
            default -> live(status, typed, run);
        };
    }

    /** What to do with rows of a finished fill that could not be written. */
    static String mendAside(String run) {
        return "mend the rows that were set aside, then: " + run + "   (writes what is missing)";
    }

    /** What to do in the end, where a trigger stands in for the application. */
    static String endDualWrite(RunStatus status, Subject subject) {
        return Shell.neap("cleanup", subject.byFile() ? subject.typed() : "", "--dual-write", status.backfill())
                + "   (once the application writes both places by itself, or needs only one)";
    }

    private static String live(RunStatus status, Object typed, String run) {
        if (!status.alive()) {
            return run + "   (goes on where it stopped)";
        }
        if (status.wish().equals("pause")) {
            return Shell.neap("resume", typed);
        }
        return waitsForSwap(status)
                ? Shell.neap("swap", typed) + "   (swaps what is held)"
                : Shell.neap("status", typed) + " --watch";
    }

    /** Nothing is left to do before somebody, or the clock, says so. */
    private static boolean waitsForSwap(RunStatus status) {
        RunStatus.Counts units = status.units();
        return units.held() > 0 && units.running() + units.pending() == 0;
    }

    /** Many runs, a line each. */
    static String list(List<RunStatus> statuses) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("Run", "Backfill", "Table", "State", "Units", "Rows"));
        for (RunStatus status : statuses) {
            rows.add(List.of(
                    String.valueOf(status.runId()),
                    status.backfill(),
                    status.table(),
                    state(status),
                    status.units().done() + "/" + status.units().all(),
                    Text.count(status.rowsDone())));
        }
        return String.join("\n", Text.table(rows, true, false, false, false, true, true));
    }
}
