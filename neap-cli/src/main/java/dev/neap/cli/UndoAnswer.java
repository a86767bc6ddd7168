package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Connections;
import dev.neap.cli.text.Json;
import dev.neap.cli.text.Text;
import dev.neap.dialect.UndoRefusal;
import dev.neap.run.RunResult;
import dev.neap.run.UndoPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What an undo would do, and how it ended, in words. */
final class UndoAnswer {
    /** More than these are left to `--json`. */
    private static final int MOST = 40;

    private UndoAnswer() {}

    /**
     * What may be typed next. A run's number says not where its database is: a file that was typed did.
     *
     * @param same what was typed
     */
    record Commands(String same, Subject subject) {
        String undo(long run) {
            BackfillFile file = subject.file();
            return Shell.neap("undo", run)
                    + (file == null || file.connection().isEmpty()
                            ? ""
                            : " --url " + Shell.word(Connections.mask(file.connection())));
        }

        String status() {
            return Shell.neap("status", subject.file() == null ? "" : subject.typed());
        }
    }

    /** What would be put back, without doing it. */
    static Answer of(UndoPlan plan, Commands commands) {
        if (plan.units().isEmpty()) {
            return Answer.of(
                    ExitCode.DONE,
                    "Nothing is left to undo: no partition of run " + plan.run() + " is one that it replaced."
                            + older(plan),
                    data(plan),
                    plan.older().isEmpty()
                            ? commands.status()
                            : commands.undo(plan.older().get(0).run()) + " --dry-run");
        }
        return Answer.of(
                plan.refused().isEmpty() ? ExitCode.DONE : ExitCode.USAGE,
                text(plan),
                data(plan),
                plan.refused().isEmpty() ? commands.same() : next(plan, commands));
    }

    private static String next(UndoPlan plan, Commands commands) {
        boolean mendable = plan.refused().stream()
                .map(unit -> unit.undoable().refusal())
                .allMatch(refusal -> refusal != null && refusal.mendable());
        if (plan.refused().size() < plan.units().size()) {
            return (mendable ? "mend that, or " : "") + "name the partitions that can be put back";
        }
        return mendable ? "mend that, then: " + commands.same() : commands.status();
    }

    static String text(UndoPlan plan) {
        List<String> lines = new ArrayList<>();
        long changes = plan.units().stream()
                .mapToLong(unit -> unit.undoable().changes())
                .sum();
        int refused = plan.refused().size();
        String what = "Run " + plan.run() + " of " + plan.backfill() + " on " + plan.table() + ": "
                + Text.count(plan.units().size(), "partition");
        lines.add(
                refused > 0
                        ? what + ", of which " + refused + " cannot be put back, so nothing is."
                        : plan.undoRun() > 0
                                ? what + " to put back; run " + plan.undoRun() + " began it and goes on."
                                : what + " to put back, with about " + Text.count(changes, "write") + " made since.");
        if (plan.givesUp()) {
            lines.add(
                    "That run is not finished. It is given up: partitions that it has not replaced stay as they are.");
        }
        if (plan.undoRun() == 0) {
            lines.addAll(table(plan));
        }
        if (!plan.older().isEmpty()) {
            lines.add(older(plan).strip());
        }
        return String.join("\n", lines);
    }

    /** Not part of this undo: a person who thinks that it was would believe old what is not. */
    private static String older(UndoPlan plan) {
        return plan.older().stream()
                .map(run -> "\nRun " + run.run() + " of the same backfill replaced "
                        + Text.count(run.partitions(), "partition") + " before, which "
                        + (run.partitions() == 1 ? "is" : "are") + " kept too and no part of this: neap undo "
                        + run.run())
                .collect(Collectors.joining());
    }

    private static List<String> table(UndoPlan plan) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("  Partition", "Old one", "Writes since", ""));
        List<UndoPlan.Unit> shown = plan.refused().isEmpty() ? plan.units() : plan.refused();
        for (UndoPlan.Unit unit : shown.subList(0, Math.min(MOST, shown.size()))) {
            UndoRefusal refusal = unit.undoable().refusal();
            rows.add(List.of(
                    "  " + unit.unit().partition(),
                    Text.bytes(unit.undoable().keptBytes()),
                    Text.count(unit.undoable().changes()),
                    refusal == null ? "" : refusal.words(unit.undoable().seen())));
        }
        List<String> lines = new ArrayList<>(Text.table(rows, false, true, true, false));
        if (shown.size() > MOST) {
            lines.add("  ... and " + Text.count(shown.size() - MOST) + " more; --json has all of them");
        }
        return lines;
    }

    static ObjectNode data(UndoPlan plan) {
        List<ObjectNode> units = new ArrayList<>();
        for (UndoPlan.Unit unit : plan.units()) {
            UndoRefusal refusal = unit.undoable().refusal();
            ObjectNode one = Json.object()
                    .put("partition", unit.unit().partition().toString())
                    .put("kept_bytes", unit.undoable().keptBytes())
                    .put("changes", unit.undoable().changes())
                    .put("refusal", refusal == null ? null : refusal.label())
                    .put(
                            "why",
                            refusal == null
                                    ? null
                                    : refusal.words(unit.undoable().seen()));
            units.add(one);
        }
        ObjectNode data = Json.object()
                .put("run", plan.run())
                .put("undo_run", plan.undoRun())
                .put("backfill", plan.backfill())
                .put("table", plan.table().toString())
                .put("gives_up", plan.givesUp());
        data.setAll(Json.object(Map.of("units", units)));
        data.setAll(Json.object(Map.of("older", plan.older())));
        return data;
    }

    /** @param signalled what the process ends with where a signal came; 0 where none did */
    static Answer of(RunResult result, UndoPlan plan, Commands commands, int signalled) {
        boolean bySignal = signalled != 0 && result.outcome() == RunResult.Outcome.STOPPED;
        int exitCode = bySignal ? signalled : ExitCode.of(result.outcome());
        ObjectNode data = Json.object()
                .put("event", "finished")
                .put("exit_code", exitCode)
                .put("undid", plan.run());
        data.setAll(Json.object(result));
        List<String> lines = new ArrayList<>();
        lines.add(RunAnswer.headline(result) + " Run " + result.runId() + " put back "
                + Text.count(result.done(), "partition") + " of run " + plan.run()
                + (result.failed() == 0 ? "" : ", " + result.failed() + " failed")
                + (result.pending() == 0 ? "" : ", " + result.pending() + " left") + ", in "
                + Text.duration(result.took()) + ".");
        result.causes().forEach(cause -> lines.add("  " + cause));
        return Answer.of(exitCode, String.join("\n", lines), data, next(result, plan, commands));
    }

    private static String next(RunResult result, UndoPlan plan, Commands commands) {
        return switch (result.outcome()) {
            case DONE ->
                commands.status() + "; what was replaced is kept as long as `keep_old` says, and can be put back with "
                        + commands.undo(result.runId())
                        + plan.older().stream()
                                .findFirst()
                                .map(run -> "; what run " + run.run() + " replaced before: " + commands.undo(run.run()))
                                .orElse("");
            case STOPPED -> commands.same() + "   (goes on where it stopped)";
            default -> "mend the cause, then: " + commands.same();
        };
    }
}
