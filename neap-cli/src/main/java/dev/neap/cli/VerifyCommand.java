package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Durations;
import dev.neap.cli.text.Json;
import dev.neap.cli.verify.VerifyText;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
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
            "0:every row is as expected; of a sample, the claim holds",
            "1:error",
            "2:wrong usage, or an expectation that does not compile",
            "4:rows differ, or nothing could be compared",
            "7:a table was locked for too long"
        },
        footer = {
            "",
            "Example:",
            "  neap verify split-full-name.yaml",
            "  neap verify split-full-name.yaml --sample",
            "  neap verify split-full-name.yaml --dual-write 60s",
            "  neap verify split-full-name.yaml --json --output verified.json"
        })
final class VerifyCommand extends NeapSubcommand {
    private static final Duration MOST = Duration.ofHours(24);

    @Parameters(index = "0", paramLabel = "FILE", description = "The backfill file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Option(
            names = "--sample",
            description = "Compares as many random rows as the file's verify.match and verify.confidence need: an early"
                    + " warning, and no proof of every row.")
    private boolean sample;

    @Option(
            names = "--dual-write",
            paramLabel = "TIME",
            description =
                    "Watches for TIME, such as 60s, what the application writes, and compares just that: whether it"
                            + " is in both places, and agrees. Nothing written is no evidence, and exit 4.")
    private @Nullable String dualWrite;

    @Mixin
    private SettingOptions settings = new SettingOptions();

    VerifyCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        VerifyRequest request = request();
        BackfillFile backfill = settings.read(file, world.environment());
        VerifyReport report = world.engines()
                .open(backfill.target(world.environment()))
                .verify(backfill.backfill(), backfill.verification(), request);
        ObjectNode data = Json.object(report).put("proved", report.proved());
        String next = report.proved()
                ? "nothing: keep this report with the change"
                : "find out why these rows differ; " + Shell.neap("verify", file) + " looks again";
        return Answer.of(report.proved() ? ExitCode.DONE : ExitCode.MISMATCH, VerifyText.whole(report), data, next);
    }

    private VerifyRequest request() {
        if (dualWrite == null) {
            return sample ? VerifyRequest.SAMPLE : VerifyRequest.EVERY_ROW;
        }
        if (sample) {
            throw new BackfillException("--sample looks at random rows, --dual-write at new ones; say one of them");
        }
        Duration watch = Durations.parse(dualWrite)
                .filter(time -> time.compareTo(Duration.ZERO) > 0 && time.compareTo(MOST) <= 0)
                .orElseThrow(() -> new BackfillException("--dual-write cannot be '" + dualWrite
                        + "'; write a number with ms, s, m or h, such as 60s, at most 24h"));
        return new VerifyRequest(VerifyRequest.Scope.WRITTEN, watch);
    }
}
