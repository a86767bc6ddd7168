package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.cli.text.Json;
import dev.neap.cli.text.Text;
import dev.neap.control.ErrorCounts;
import dev.neap.plan.Plan;
import dev.neap.run.RunResult;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** How a run ended, in words. */
final class RunAnswer {
    private RunAnswer() {}

    /** @param signalled what the process ends with where a signal came; 0 where none did */
    static Answer of(RunResult result, Plan plan, Path file, int signalled, Instant now) {
        boolean bySignal = signalled != 0 && result.outcome() == RunResult.Outcome.STOPPED;
        int exitCode = bySignal ? signalled : ExitCode.of(result.outcome());
        ObjectNode data =
                Json.object().put("event", "finished").put("at", now.toString()).put("exit_code", exitCode);
        data.setAll(Json.object(result));
        return Answer.of(exitCode, text(result, plan), data, next(result, plan, file));
    }

    private static String text(RunResult result, Plan plan) {
        List<String> lines = new ArrayList<>();
        lines.add(headline(result) + " Run " + result.runId() + " of "
                + plan.backfill().name() + ": " + units(result) + ", " + Text.count(result.rows(), "row") + ", "
                + Text.duration(result.took()) + " of which " + Text.duration(result.waited()) + " waiting"
                + (result.retried() == 0 ? "." : "; tried again " + Text.count(result.retried(), "time") + "."));
        if (!plan.backfill().fills()) {
            lines.add(Text.count(result.changesReplayed(), "captured change") + " replayed"
                    + (result.rowsMended() == 0
                            ? "."
                            : ", " + Text.count(result.rowsMended(), "row")
                                    + " mended that came late in the old form."));
        }
        if (result.setAside() > 0) {
            lines.add(Text.count(result.setAside(), "row") + " could not be written: "
                    + ErrorCounts.asideSql(result.runId()));
        }
        if (result.outcome() == RunResult.Outcome.DONE
                && result.done() < plan.units().size()) {
            lines.add("An earlier run of this plan had done "
                    + Text.count(plan.units().size() - result.done(), "unit") + " already; none was done again.");
        }
        result.causes().forEach(cause -> lines.add("  " + Text.visible(cause)));
        return String.join("\n", lines);
    }

    static String headline(RunResult result) {
        return switch (result.outcome()) {
            case DONE -> "Done.";
            case STOPPED -> "Stopped, checkpointed.";
            case FAILED -> "Failed.";
            case MISMATCH -> "A verification found a difference.";
            case LOCKED_OUT -> "Locks were in the way; nothing changed in the units left.";
            case TOO_BUSY -> "Partitions that are written too fast were left as they are.";
        };
    }

    private static String units(RunResult result) {
        List<String> parts = new ArrayList<>();
        parts.add(Text.count(result.done(), "unit") + " done");
        if (result.failed() > 0) {
            parts.add(Text.count(result.failed()) + " failed");
        }
        if (result.pending() > 0) {
            parts.add(Text.count(result.pending()) + " left");
        }
        return String.join(", ", parts);
    }

    private static String next(RunResult result, Plan plan, Path file) {
        String run = Shell.neap("run", file);
        return switch (result.outcome()) {
            case DONE ->
                result.setAside() > 0
                        ? StatusText.mendAside(run)
                        : plan.backfill().fills() || plan.backfill().rebuild().merges()
                                ? Shell.neap("status", file)
                                : Shell.neap("cleanup", file) + "   (replaced partitions are kept for "
                                        + Text.duration(
                                                plan.backfill().rebuild().keepOld()) + ")";
            case STOPPED -> run + "   (goes on where it stopped)";
            case FAILED -> "mend the cause, then: " + run + "   (tries the failed units again)";
            case MISMATCH ->
                plan.backfill().fills()
                        ? "look at: " + Shell.neap("status", file)
                        : "the live partition is untouched; look at: " + Shell.neap("status", file);
            case LOCKED_OUT -> "end or outwait who is in the way, then: " + run;
            case TOO_BUSY -> "at a quieter hour: " + run + "   (tries the units left again)";
        };
    }
}
