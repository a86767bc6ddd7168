package dev.neap.cli;

import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Durations;
import dev.neap.backfill.Profile;
import dev.neap.cli.text.Json;
import dev.neap.cli.verify.VerifyText;
import dev.neap.plan.Plan;
import dev.neap.run.Engine;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.run.Unproven;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs a backfill, or goes on with it. */
@Command(
        name = "run",
        description = {
            "Runs a backfill, or goes on with the run of it that is not finished. On a terminal it shows the plan and asks"
                    + " before it writes.",
            "Ctrl-C stops at the next safe point; the same command goes on from there."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:error, or a unit failed",
            "2:refused by a preflight check, not approved in the profile prod, or wrong usage",
            "3:stopped with work left; the same command goes on",
            "4:a verification found a difference, or --dual-write no evidence; nothing was begun then",
            "5:a breaker tripped: what is done is kept, and the same command goes on",
            "6:somebody else holds the run",
            "7:a swap could not get its lock in time; nothing changed",
            "130:interrupted, checkpointed",
            "143:terminated, checkpointed"
        },
        footer = {
            "",
            "Examples:",
            "  neap run fix-revenue.yaml",
            "  neap run fix-revenue.yaml --yes --json",
            "  neap run fix-revenue.yaml --metrics 9187",
            "  neap run split-full-name.yaml --dual-write 60s"
        })
final class RunCommand extends NeapSubcommand {
    @Parameters(paramLabel = "FILE", description = "The backfill file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Mixin
    private SettingOptions settings = new SettingOptions();

    @Option(names = "--yes", description = "Does not ask.")
    private boolean yes;

    @Option(names = "--dry-run", description = "Changes nothing: the same as neap plan.")
    private boolean dryRun;

    @Option(
            names = "--again",
            description = "Rebuilds partitions again that neap undo has put back. Without it such a run is refused.")
    private boolean again;

    @Option(
            names = "--plan-hash",
            paramLabel = "HASH",
            description = "Runs only the plan with this hash, or its first 8 or more characters.")
    private @Nullable String planHash;

    @Mixin
    private WorkersOption workers = new WorkersOption();

    @Mixin
    private DualWriteOption dualWrite = new DualWriteOption();

    @Mixin
    private MetricsOption metrics = new MetricsOption();

    RunCommand(World world) {
        super(world);
    }

    @Override
    public Integer call() {
        workers.check();
        metrics.check();
        Optional<Duration> watch = dualWrite.watch();
        if (!dryRun) {
            Question.requireSomebody(world, yes, json);
        }
        BackfillFile backfill = settings.read(file, world.environment());
        Engine engine = world.engines().open(backfill.target(world.environment()));
        Plan plan = engine.plan(backfill.backfill());
        Answer answer;
        try (Report report = report(output)) {
            if (dryRun || plan.refused()) {
                answer = dryRun
                        ? PlanCommand.withSignals(engine, plan, backfill.proofs(), file)
                        : PlanCommand.of(plan, file);
                report.write(answer);
            } else {
                answer = run(plan, backfill, watch, engine, report);
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
        throw new IllegalStateException("a run reports while it goes on");
    }

    private Answer run(Plan compiled, BackfillFile backfill, Optional<Duration> watch, Engine engine, Report report) {
        if (planHash != null) {
            PlanHash.require(compiled, planHash, file);
        }
        if (watch.isPresent() && !compiled.backfill().fills()) {
            throw new BackfillException("--dual-write is about a fill, and this is a rebuild");
        }
        if (watch.isPresent() && !compiled.backfill().byApplication()) {
            throw new BackfillException("--dual-write watches an application that writes both places, and the file says"
                    + " dual_write: trigger; leave it out");
        }
        // What a run writes would pass for the application's, so one that was begun is not watched any more.
        boolean begun = engine.begun(compiled);
        Plan plan = watch.isPresent() || begun ? compiled : compiled.and(ProofText.unseen(compiled));
        Unproven unproven =
                engine.unproven(metrics.given() ? plan : plan.and(ProofText.unwatched(plan)), backfill.proofs());
        if (unproven.refuses()) {
            return ProofText.refusal(unproven, plan, file);
        }
        if (plan.backfill().profile() == Profile.DEV) {
            DryRunLog.write(engine, plan, report, world.clock().instant().truncatedTo(ChronoUnit.MILLIS));
        } else if (!json) {
            report.place().println(PlanText.summary(plan));
            report.place().println();
        }
        if (!yes && !Question.yes(world, "Start?")) {
            return Answer.of(ExitCode.STOPPED, "Nothing was changed.", Json.object(), Shell.neap("run", file));
        }
        if (watch.isPresent() && !begun) {
            Verifying verifying = Verifying.of(
                    world,
                    (listener, stop) -> engine.verify(
                            backfill.backfill(),
                            backfill.verification(),
                            new VerifyRequest(VerifyRequest.Scope.WRITTEN, watch.get()),
                            listener,
                            stop));
            VerifyReport seen = verifying.report();
            if (seen == null) {
                return Answer.of(
                        verifying.exitCode(),
                        verifying.stopped() + "\nNothing was changed.",
                        Json.object().put("stopped", verifying.stopped()),
                        Shell.neap("run", file, "--dual-write", Durations.write(watch.get())));
            }
            if (!seen.proved()) {
                return Answer.of(
                        ExitCode.MISMATCH,
                        VerifyText.whole(seen)
                                + "\n\nNothing was changed: the application must write both places first.",
                        Json.object(seen).put("proved", false),
                        Shell.neap("verify", file, "--dual-write", DualWriteOption.USUAL));
            }
        }
        Stop stop = new Stop();
        RunResult result;
        int signalled;
        String name = plan.backfill().name();
        try (MetricsOption.Watching watching = metrics.start(name);
                Watchers watchers = Watchers.of(world, name, report)) {
            Signals signals = new Signals(stop, watchers::say);
            signals.install();
            RunListener listener = watching.with(watchers);
            if (again) {
                engine.again(backfill.backfill());
            }
            result = signals.during(() -> engine.run(plan, workers.count(), listener, stop));
            signalled = signals.exitCode();
        }
        return RunAnswer.of(
                result, plan, file, signalled, world.clock().instant().truncatedTo(ChronoUnit.MILLIS));
    }
}
