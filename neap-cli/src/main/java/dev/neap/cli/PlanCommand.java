package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Proofs;
import dev.neap.cli.text.Json;
import dev.neap.plan.Explanation;
import dev.neap.plan.Plan;
import dev.neap.run.Engine;
import dev.neap.run.SignalsNow;
import dev.neap.run.Unproven;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what a run would do. */
@Command(
        name = "plan",
        description = {
            "Shows what a run would do: units, rows, disk, time, locks, SQL, what the preflight checks found, and a hash.",
            "It reads in read-only transactions and changes nothing, but for --analyze."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the run may start", "1:error", "2:refused by a preflight check, or wrong usage"},
        footer = {
            "",
            "Examples:",
            "  neap plan fix-revenue.yaml --json --output plan.json",
            "  neap plan fill.yaml --explain"
        })
final class PlanCommand extends NeapSubcommand {
    @Parameters(paramLabel = "FILE", description = "The backfill file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Option(
            names = "--explain",
            description =
                    "Of a fill: shows how the server would carry out each statement, which index it uses, or which to"
                            + " make.")
    private boolean explain;

    @Option(
            names = "--analyze",
            description =
                    "Rehearses, in dev and staging: executes a sample and rolls it back. Shows what --explain shows,"
                            + " and what the sample took.")
    private boolean analyze;

    @Mixin
    private SettingOptions settings = new SettingOptions();

    PlanCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        BackfillFile backfill = settings.read(file, world.environment());
        Engine engine = world.engines().open(backfill.target(world.environment()));
        Plan plan = engine.plan(backfill.backfill());
        Answer answer = withSignals(engine, plan, backfill.proofs(), file);
        if (!explain && !analyze) {
            return answer;
        }
        Explanation explanation = engine.explain(plan, analyze);
        answer.data().set("explain", ExplainText.json(explanation));
        return Answer.of(
                answer.exitCode(), answer.text() + "\n\n" + ExplainText.of(explanation), answer.data(), answer.next());
    }

    /** What is declared stands under the key that the file has for it. */
    private static ObjectNode asInTheFile(ObjectNode backfill, Backfill declared) {
        ObjectNode renamed = Json.object();
        backfill.properties()
                .forEach(property -> renamed.set(
                        property.getKey().equals("strategy")
                                ? declared.fills() ? "fill" : "rebuild"
                                : property.getKey(),
                        property.getKey().equals("strategy") && declared.parts().size() > 1
                                ? property.getValue().get("all")
                                : property.getValue()));
        return renamed;
    }

    /** A plan as an answer, with what a run will ask for, and what the signals say now. */
    static Answer withSignals(Engine engine, Plan plan, Proofs proofs, Path file) {
        SignalsNow now = engine.signals(plan.backfill());
        Plan asRun = ProofText.asRun(engine, plan);
        Answer answer = of(asRun.and(now.findings()), file);
        if (answer.exitCode() == ExitCode.DONE && plan.backfill().profile().asksForApproval()) {
            answer = asked(answer, engine.unprovenYet(asRun, proofs), plan, file);
        } else if (answer.exitCode() == ExitCode.DONE
                && ProofText.notSeen(plan, proofs, file).isPresent()
                && !ProofText.begun(engine, plan)) {
            answer = Answer.of(answer.exitCode(), answer.text(), answer.data(), ProofText.watching(file));
        }
        return SignalText.after(answer, now);
    }

    private static Answer asked(Answer answer, Unproven unproven, Plan plan, Path file) {
        answer.data().put("approval", unproven.approval());
        answer.data().putPOJO("unanswered", unproven.unanswered());
        String asked = ProofText.asked(unproven, plan);
        return Answer.of(
                answer.exitCode(),
                answer.text() + (asked.isEmpty() ? "" : "\n\n" + asked),
                answer.data(),
                ProofText.afterPlan(unproven, plan, file));
    }

    /** A plan as an answer. */
    static Answer of(Plan plan, Path file) {
        ObjectNode data = Json.object(plan.withoutUnits()).put("refused", plan.refused());
        data.set("backfill", asInTheFile((ObjectNode) data.get("backfill"), plan.backfill()));
        // As they are, and not as a tree of nodes: a plan may have 100,000 of them.
        data.putPOJO("units", plan.units());
        return plan.refused()
                ? Answer.of(
                        ExitCode.USAGE,
                        PlanText.whole(plan),
                        data,
                        "mend the errors, then: " + Shell.neap("plan", file))
                : Answer.of(ExitCode.DONE, PlanText.whole(plan), data, Shell.neap("run", file));
    }
}
