package dev.neap.cli;

import dev.neap.backfill.BackfillFile;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.run.UndoPlan;
import dev.neap.run.UndoRequest;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts replaced partitions back. */
@Command(
        name = "undo",
        description = {
            "Puts the old partitions of a run back, with every write that the application made since their swap. It shows"
                    + " what it would do and asks first.",
            "Ctrl-C stops at the next safe point; the same command goes on from there. While a process is at the run, stop it"
                    + " first; a run that is not finished is given up. What it replaces is kept in its turn: undo takes the"
                    + " number of its own run too."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done, or nothing was left to undo",
            "1:error, or a unit failed; there is no such run",
            "2:a partition cannot be put back, and nothing was; or wrong usage",
            "3:stopped with work left; the same command goes on",
            "4:a verification found a difference",
            "6:a process is at the run",
            "7:a swap could not get its lock in time; nothing changed",
            "130:interrupted, checkpointed",
            "143:terminated, checkpointed"
        },
        footer = {
            "",
            "Examples:",
            "  neap undo fix-revenue.yaml --dry-run",
            "  neap undo fix-revenue.yaml public.events_2024_01",
            "  neap undo 7 --url \"$DATABASE_URL\" --yes"
        })
final class UndoCommand extends NeapSubcommand {
    @Parameters(
            index = "0",
            paramLabel = "FILE|RUN",
            description =
                    "A backfill file or a backfill's name, for its newest run that replaced anything; or a run's number.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String typed;

    @Parameters(
            index = "1..*",
            paramLabel = "PARTITION",
            description = "Only these, of a run that is finished; without them all that the run replaced.")
    private List<String> partitions = List.of();

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where the database is; otherwise the file's, NEAP_CONNECTION, or the PG* variables.")
    private @Nullable String url;

    @Option(names = "--yes", description = "Does not ask.")
    private boolean yes;

    @Option(names = "--dry-run", description = "Shows what would be put back, and changes nothing.")
    private boolean dryRun;

    @Mixin
    private MetricsOption metrics = new MetricsOption();

    UndoCommand(World world) {
        super(world);
    }

    @Override
    public Integer call() {
        metrics.check();
        if (!dryRun) {
            Question.requireSomebody(world, yes, json);
        }
        Subject subject = Subject.declared(world, typed, url);
        UndoRequest request = request(subject);
        UndoPlan plan = subject.engine().undoPlan(request);
        boolean only = dryRun || !plan.refused().isEmpty() || plan.units().isEmpty();
        Answer answer;
        try (Report report = report(output)) {
            answer = only ? UndoAnswer.of(plan, commands(subject)) : run(subject, request, plan, report);
            if (only) {
                report.write(answer);
            } else {
                report.writeLast(answer);
            }
        }
        return answer.exitCode();
    }

    @Override
    boolean streams() {
        return true;
    }

    @Override
    Answer answer() {
        throw new IllegalStateException("an undo reports while it goes on");
    }

    private UndoRequest request(Subject subject) {
        BackfillFile file = subject.file();
        boolean numbered = file == null && typed.matches("\\d{1,18}");
        UndoRequest request = new UndoRequest(
                numbered ? Long.parseLong(typed) : 0,
                numbered ? null : subject.requiredName(),
                partitions,
                null,
                false);
        return file == null ? request : request.declaredBy(file.backfill());
    }

    private Answer run(Subject subject, UndoRequest request, UndoPlan plan, Report report) {
        if (!json) {
            report.place().println(UndoAnswer.text(plan));
            report.place().println();
        }
        if (!yes && !Question.yes(world, "Put them back?")) {
            return Answer.of(ExitCode.STOPPED, "Nothing was changed.", UndoAnswer.data(plan), command());
        }
        Stop stop = new Stop();
        RunResult result;
        int signalled;
        try (MetricsOption.Watching watching = metrics.start(plan.backfill());
                Watchers watchers = Watchers.of(world, plan.backfill(), report)) {
            Signals signals = new Signals(stop, watchers::say);
            signals.install();
            RunListener listener = watching.with(watchers);
            result = signals.during(() -> subject.engine().undo(request, plan, listener, stop));
            signalled = signals.exitCode();
        }
        return UndoAnswer.of(result, plan, commands(subject), signalled);
    }

    private UndoAnswer.Commands commands(Subject subject) {
        return new UndoAnswer.Commands(command(), subject);
    }

    private String command() {
        return Shell.neap(
                "undo", Stream.concat(Stream.of(typed), partitions.stream()).toArray());
    }
}
