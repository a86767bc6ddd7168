package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillFile;
import dev.neap.cli.text.Json;
import dev.neap.cli.verify.VerifyText;
import dev.neap.verify.VerifyReport;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Compares what a fill wrote with what is expected. */
@Command(
        name = "verify",
        description = {
            "Compares every row that a fill wrote with what is expected: with the transform, run again, or with what the"
                    + " file's expect says. Both sides are hashed in the database; what differs is looked at again under a"
                    + " lock, after the time that an application's second write may take, before it counts.",
            "It writes nothing, and keeps the file's pace."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every row is as expected",
            "1:error",
            "2:wrong usage, or an expectation that does not compile",
            "4:rows differ, or nothing could be compared",
            "7:a table was locked for too long"
        },
        footer = {
            "",
            "Example:",
            "  neap verify split-full-name.yaml",
            "  neap verify split-full-name.yaml --json --output verified.json"
        })
final class VerifyCommand extends NeapSubcommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "The backfill file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Mixin
    private SettingOptions settings = new SettingOptions();

    VerifyCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        BackfillFile backfill = settings.read(file, world.environment());
        VerifyReport report = world.engines()
                .open(backfill.target(world.environment()))
                .verify(backfill.backfill(), backfill.verification());
        ObjectNode data = Json.object(report).put("proved", report.proved());
        String next = report.proved()
                ? "nothing: keep this report with the change"
                : "find out why these rows differ; " + Shell.neap("verify", file) + " looks again";
        return Answer.of(report.proved() ? ExitCode.DONE : ExitCode.MISMATCH, VerifyText.whole(report), data, next);
    }
}
