package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillFile;
import dev.neap.cli.text.Json;
import dev.neap.plan.Plan;
import dev.neap.run.Engine;
import dev.neap.run.SignalsNow;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The preflight checks alone. */
@Command(
        name = "check",
        description = "Runs the preflight checks and shows what they found, each with what mends it. Changes nothing.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:a run may start", "1:error", "2:refused, or wrong usage"},
        footer = {"", "Example:", "  neap check fix-revenue.yaml"})
final class CheckCommand extends NeapSubcommand {
    @Parameters(paramLabel = "FILE", description = "The backfill file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Mixin
    private SettingOptions settings = new SettingOptions();

    CheckCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        BackfillFile backfill = settings.read(file, world.environment());
        Engine engine = world.engines().open(backfill.target(world.environment()));
        Plan compiled = engine.plan(backfill.backfill());
        SignalsNow now = engine.signals(compiled.backfill());
        Plan plan = compiled.and(now.findings());
        ObjectNode data = Json.object(Map.of("findings", plan.findings(), "refused", plan.refused()));
        Answer answer = Answer.of(
                plan.refused() ? ExitCode.USAGE : ExitCode.DONE,
                PlanText.findings(plan.findings()),
                data,
                plan.refused() ? "mend the errors, then: " + Shell.neap("check", file) : Shell.neap("plan", file));
        return SignalText.after(answer, now);
    }
}
