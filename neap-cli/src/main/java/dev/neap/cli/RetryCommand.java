package dev.neap.cli;

import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.cli.text.Json;
import dev.neap.cli.text.Text;
import dev.neap.plan.Plan;
import dev.neap.run.Engine.Failed;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.run.UndoPlan;
import dev.neap.run.UndoRequest;
import dev.neap.run.Unproven;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tries failed units again, and no others. */
@Command(
        name = "retry",
        description =
                "Tries the failed units of an unfinished run again, and no others; neap run and neap undo try them too,"
                        + " with everything that is left. It asks first.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done, or no unit has failed",
            "1:error, or a unit failed again",
            "2:refused by a preflight check, or wrong usage",
            "3:the failed units are done, and others are left",
            "4:a verification found a difference",
            "5:a breaker tripped: what is done is kept, and the same command goes on",
            "6:somebody else holds the run",
            "7:a swap could not get its lock in time; nothing changed",
            "130:interrupted, checkpointed",
            "143:terminated, checkpointed"
        },
        footer = {"", "Examples:", "  neap retry fix-revenue.yaml", "  neap retry 8 --url \"$DATABASE_URL\" --yes"})
final class RetryCommand extends NeapSubcommand {
    @Parameters(
            paramLabel = "FILE|RUN",
            description = "The backfill file; or the number of an undo's run, which needs no file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String typed;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where the database is; otherwise the file's, NEAP_CONNECTION, or the PG* variables.")
    private @Nullable String url;

    @Option(names = "--yes", description = "Does not ask.")
    private boolean yes;

    @Mixin
    private MetricsOption metrics = new MetricsOption();

    RetryCommand(World world) {
        super(world);
    }

    @Override
    public Integer call() {
        metrics.check();
        Question.requireSomebody(world, yes, json);
        Subject subject = Subject.declared(world, typed, url);
        BackfillFile file = subject.file();
        boolean numbered = file == null && typed.matches("\\d{1,18}");
        Optional<Failed> failed =
                subject.engine().failed(numbered ? Long.parseLong(typed) : 0, numbered ? null : subject.requiredName());
        Answer answer;
        try (Report report = report(output)) {
            answer = failed.filter(run -> run.units() > 0).isEmpty()
                    ? none(numbered, file != null && file.backfill().fills())
                    : again(subject, failed.get(), report);
            report.writeLast(answer);
        }
        return answer.exitCode();
    }

    @Override
    boolean streams() {
        return true;
    }

    @Override
    Answer answer() {
        throw new IllegalStateException("a retry reports while it goes on");
    }

    private Answer none(boolean numbered, boolean fills) {
        return Answer.of(
                ExitCode.DONE,
                "No unit has failed: nothing is to be tried again."
                        + (fills ? " Rows that were set aside are tried again by neap run." : ""),
                Json.object().put("failed", 0),
                numbered ? "neap status" : Shell.neap("status", typed));
    }

    private Answer again(Subject subject, Failed failed, Report report) {
        if (!json) {
            report.place()
                    .println("Run " + failed.run() + " of " + failed.backfill() + ": "
                            + Text.count(failed.units(), "unit") + " had failed.");
        }
        if (failed.undoes() == 0 && subject.file() == null) {
            throw new BackfillException("run " + failed.run()
                    + " is a rebuild, and what it computes stands in its file; say: neap retry FILE");
        }
        if (!yes && !Question.yes(world, "Try again?")) {
            return Answer.of(
                    ExitCode.STOPPED, "Nothing was changed.", Json.object().put("failed", failed.units()), command());
        }
        return failed.undoes() == 0 ? rebuild(subject, report) : undo(subject, failed, report);
    }

    private Answer rebuild(Subject subject, Report report) {
        BackfillFile file = subject.file();
        if (file == null) {
            throw new BackfillException("name the backfill file");
        }
        Plan plan = subject.engine().plan(file.backfill());
        if (plan.refused()) {
            return PlanCommand.of(plan, Path.of(typed));
        }
        Unproven unproven = subject.engine().unproven(plan, file.proofs());
        if (unproven.refuses()) {
            return ProofText.refusal(unproven, plan, Path.of(typed));
        }
        Ran ran = watched(
                plan.backfill().name(),
                report,
                (listener, stop) -> subject.engine().retry(plan, listener, stop));
        return RunAnswer.of(
                ran.result(),
                plan,
                Path.of(typed),
                ran.signalled(),
                world.clock().instant().truncatedTo(ChronoUnit.MILLIS));
    }

    private Answer undo(Subject subject, Failed failed, Report report) {
        BackfillFile file = subject.file();
        UndoRequest failing = new UndoRequest(failed.undoes(), null, List.of(), null, true);
        UndoRequest request = file == null ? failing : failing.declaredBy(file.backfill());
        UndoPlan plan = subject.engine().undoPlan(request);
        Ran ran = watched(
                failed.backfill(), report, (listener, stop) -> subject.engine().undo(request, plan, listener, stop));
        return UndoAnswer.of(ran.result(), plan, new UndoAnswer.Commands(command(), subject), ran.signalled());
    }

    private interface Work {
        RunResult run(RunListener listener, Stop stop);
    }

    private record Ran(RunResult result, int signalled) {}

    private Ran watched(String name, Report report, Work work) {
        Stop stop = new Stop();
        try (MetricsOption.Watching watching = metrics.start(name);
                Watchers watchers = Watchers.of(world, name, report)) {
            Signals signals = new Signals(stop, watchers::say);
            signals.install();
            RunListener listener = watching.with(watchers);
            RunResult result = signals.during(() -> work.run(listener, stop));
            return new Ran(result, signals.exitCode());
        }
    }

    private String command() {
        return Shell.neap("retry", typed);
    }
}
