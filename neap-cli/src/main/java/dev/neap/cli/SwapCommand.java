package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.cli.text.Json;
import dev.neap.cli.text.Text;
import dev.neap.control.RunStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets held units go, from another terminal. */
@Command(
        name = "swap",
        description = {
            "Lets the units of an unfinished run be swapped that wait for it (cutover: hold), or for their hours: all of"
                    + " them, or those named. Units that are still being prepared are swapped as soon as they are ready.",
            "The process that is at the run swaps them; this command only asks."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:asked", "1:there is no unfinished run", "2:wrong usage; no such partition in the run"},
        footer = {
            "",
            "Examples:",
            "  neap swap fix-revenue.yaml",
            "  neap swap fix-revenue events_2024_12 events_2024_11"
        })
final class SwapCommand extends NeapSubcommand {
    @Parameters(
            index = "0",
            paramLabel = "FILE|NAME",
            description = "A backfill file, whose connection is used; or a backfill's name.")
    private @Nullable String typed;

    @Parameters(
            index = "1..*",
            paramLabel = "UNIT",
            arity = "0..*",
            description = "Partitions, with their schema or without; otherwise all.")
    private List<String> partitions = List.of();

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where the database is; otherwise the file's, NEAP_CONNECTION, or the PG* variables.")
    private @Nullable String url;

    SwapCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        Subject subject = Subject.of(world, typed, url);
        String name = subject.requiredName();
        int wanted = subject.engine().swap(name, partitions).orElseThrow(() -> WishCommand.none(name));
        boolean alive = subject.engine().status(name, 0).map(RunStatus::alive).orElse(false);
        ObjectNode data =
                Json.object().put("backfill", name).put("units", wanted).put("alive", alive);
        String text = Text.count(wanted, "unit") + " of " + name + " may be swapped"
                + (alive ? "." : ", but no process is at it.");
        String next = alive || !subject.byFile()
                ? Shell.neap("status", subject.typed()) + " --watch"
                : Shell.neap("run", subject.typed());
        return Answer.of(ExitCode.DONE, text, data, next);
    }
}
