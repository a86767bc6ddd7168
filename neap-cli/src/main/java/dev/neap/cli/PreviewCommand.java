package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.cli.preview.PreviewPage;
import dev.neap.cli.preview.PreviewText;
import dev.neap.cli.text.Json;
import dev.neap.preview.Preview;
import dev.neap.preview.PreviewRequest;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what the recompute would do to one unit's rows. */
@Command(
        name = "preview",
        description = {
            "Recomputes rows of one partition and compares them with the live ones: which columns change, in how many rows,"
                    + " by how much, with sample rows. It reads in a read-only transaction and changes nothing.",
            "Sample rows hold real values: --hide leaves a column's out."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:looked at, whether or not a run would be refused",
            "1:error, or it took too long",
            "2:no such unit, the recompute fails, or wrong usage",
            "7:a lock was in the way"
        },
        footer = {
            "",
            "Example:",
            "  neap preview fix-revenue.yaml",
            "  neap preview fix-revenue.yaml events_2024_02 --full --hide email --html preview.html"
        })
final class PreviewCommand extends NeapSubcommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "The backfill file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Parameters(
            index = "1",
            paramLabel = "UNIT",
            arity = "0..1",
            description = "A partition's name; otherwise the first of the plan that has rows.")
    private @Nullable String unit;

    @Option(
            names = "--sample",
            paramLabel = "N",
            description = "Looks at N random rows at most; otherwise at " + PreviewRequest.DEFAULT_ROWS + ".")
    private @Nullable Integer sample;

    @Option(names = "--full", description = "Looks at every row of the partition.")
    private boolean full;

    @Option(
            names = "--hide",
            paramLabel = "COLUMN",
            description = "Reads none of this column's values; may be said again. '*' stands for every column.")
    private List<String> hidden = List.of();

    @Option(names = "--html", paramLabel = "FILE", description = "Writes a page with pictures there too.")
    private @Nullable Path html;

    @Mixin
    private SettingOptions settings = new SettingOptions();

    PreviewCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        PageFile.check(html);
        PreviewRequest request = request();
        BackfillFile backfill = settings.read(file, world.environment());
        Preview preview =
                world.engines().open(backfill.target(world.environment())).preview(backfill.backfill(), request);
        String text = PreviewText.whole(preview);
        ObjectNode data =
                Json.object(preview).put("refused", !preview.refusals().isEmpty());
        if (html != null) {
            PageFile.write(html, PreviewPage.of(preview, world.clock().instant()));
            text += "\n\nThe page is in " + html + ".";
            data.put("html", html.toString());
        }
        String next = preview.refusals().isEmpty()
                ? Shell.neap("run", file)
                : "mend what refuses a run, then: " + Shell.neap("check", file);
        return Answer.of(ExitCode.DONE, text, data, next);
    }

    private PreviewRequest request() {
        if (full && sample != null) {
            throw new BackfillException("--full looks at every row, --sample at some; say one of them");
        }
        int rows = sample == null ? PreviewRequest.DEFAULT_ROWS : sample;
        if (rows < 1 || rows > PreviewRequest.MOST_ROWS) {
            throw new BackfillException("--sample takes 1 to " + PreviewRequest.MOST_ROWS
                    + " rows; --full looks at every row of a partition");
        }
        return new PreviewRequest(unit, rows, full, new HashSet<>(hidden));
    }
}
