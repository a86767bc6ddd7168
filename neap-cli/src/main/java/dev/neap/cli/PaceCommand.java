package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillException;
import dev.neap.backfill.Ceiling;
import dev.neap.backfill.Durations;
import dev.neap.backfill.Pace;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.cli.text.Json;
import dev.neap.control.RunStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Changes how fast a run may go, while it goes. */
@Command(
        name = "pace",
        description = "Changes how fast the unfinished run of a backfill may go. What is not named stays as it is.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:changed", "1:there is no unfinished run", "2:wrong usage"},
        footer = {"", "Example:", "  neap pace fix-revenue.yaml --rate '2000 rows/s' --pause 10s"})
final class PaceCommand extends NeapSubcommand {
    @Mixin
    private SubjectParameters parameters = new SubjectParameters();

    @Option(names = "--rate", paramLabel = "RATE", description = "The ceiling, such as '5000 rows/s', or none.")
    private @Nullable String rate;

    @Option(names = "--pause", paramLabel = "TIME", description = "The wait between two units, such as 30s.")
    private @Nullable String pause;

    @Option(names = "--batch-pause", paramLabel = "TIME", description = "The wait between two batches, such as 50ms.")
    private @Nullable String batchPause;

    PaceCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        if (rate == null && pause == null && batchPause == null) {
            throw new BackfillException("say what to change: --rate, --pause or --batch-pause");
        }
        Ceiling ceiling = rate == null ? null : ceiling(rate);
        Duration wantedPause = duration("--pause", pause);
        Duration wantedBatchPause = duration("--batch-pause", batchPause);
        Subject subject = parameters.find(world);
        String name = subject.requiredName();
        RunStatus status = subject.engine().status(name, 0).orElseThrow(() -> WishCommand.none(name));
        Pace pace = new Pace(
                ceiling == null ? rateOf(status) : ceiling.rate(),
                wantedPause == null ? status.pause() : wantedPause,
                wantedBatchPause == null ? status.batchPause() : wantedBatchPause);
        if (!subject.engine().pace(name, pace)) {
            throw WishCommand.none(name);
        }
        ObjectNode data = Json.object(pace).put("backfill", name);
        String text = name + " now goes at " + new Ceiling(pace.rate()) + ", " + Durations.write(pace.pause())
                + " between units, " + Durations.write(pace.batchPause()) + " between batches.";
        return Answer.of(ExitCode.DONE, text, data, Shell.neap("status", subject.typed()) + " --watch");
    }

    private static @Nullable RowsPerSecond rateOf(RunStatus status) {
        Long now = status.ratePerSecond();
        return now == null ? null : new RowsPerSecond(now);
    }

    private static Ceiling ceiling(String text) {
        return Ceiling.parse(text)
                .orElseThrow(() -> new BackfillException(
                        "--rate cannot be '" + text + "'; write a rate such as '5000 rows/s', or none"));
    }

    private static @Nullable Duration duration(String flag, @Nullable String text) {
        if (text == null) {
            return null;
        }
        return Durations.parse(text)
                .orElseThrow(() -> new BackfillException(
                        flag + " cannot be '" + text + "'; write a number with ms, s, m, h or d, such as 30s"));
    }
}
