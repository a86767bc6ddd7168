package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.cli.text.Json;
import dev.neap.cli.text.Text;
import dev.neap.dialect.Leftover;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Drops what is due. */
@Command(
        name = "cleanup",
        description =
                "Shows what of Neap's is in the database, and drops what is due, such as replaced partitions whose time"
                        + " is over. It asks first.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:nothing is due any more", "1:error", "2:wrong usage", "3:not confirmed, nothing dropped"},
        footer = {
            "",
            "Examples:",
            "  neap cleanup fix-revenue.yaml --dry-run",
            "  neap cleanup --url \"$DATABASE_URL\" --yes"
        })
final class CleanupCommand extends NeapSubcommand {
    @Parameters(paramLabel = "FILE", arity = "0..1", description = "A backfill file, for its connection.")
    private @Nullable String file;

    @Option(names = "--url", paramLabel = "URL", description = "Where the database is.")
    private @Nullable String url;

    @Option(names = "--yes", description = "Does not ask.")
    private boolean yes;

    @Option(names = "--dry-run", description = "Shows what would go, and changes nothing.")
    private boolean dryRun;

    CleanupCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        Subject subject = Subject.of(world, file, url);
        List<Leftover> all = subject.engine().leftovers();
        List<Leftover> due = all.stream().filter(Leftover::due).toList();
        List<Leftover> stays = all.stream().filter(leftover -> !leftover.due()).toList();
        if (due.isEmpty()) {
            return Answer.of(
                    ExitCode.DONE, "Nothing is due." + stays(stays), data(List.of(), stays), afterwards(stays));
        }
        String list = Text.count(due.size(), "thing") + " due, " + LeftoverText.bytes(due) + ":\n"
                + LeftoverText.table(due) + stays(stays);
        if (dryRun) {
            return Answer.of(ExitCode.DONE, list, Json.object(Map.of("due", due, "stays", stays)), command());
        }
        Question.requireSomebody(world, yes, json);
        if (!json) {
            world.out().println(list);
        }
        if (!yes && !Question.yes(world, "Drop what is due?")) {
            return Answer.of(ExitCode.STOPPED, "Nothing was dropped.", data(List.of(), all), command());
        }
        List<Leftover> dropped = subject.engine().cleanup();
        String text = "Dropped " + Text.count(dropped.size(), "thing") + ", " + LeftoverText.bytes(dropped) + ".";
        return Answer.of(ExitCode.DONE, text, data(dropped, stays), afterwards(stays));
    }

    private static ObjectNode data(List<Leftover> dropped, List<Leftover> stays) {
        return Json.object(Map.of("dropped", dropped, "stays", stays));
    }

    private static String stays(List<Leftover> stays) {
        return stays.isEmpty() ? "" : "\nThis stays, " + LeftoverText.bytes(stays) + ":\n" + LeftoverText.table(stays);
    }

    private String command() {
        return Shell.neap("cleanup", file == null ? "" : file);
    }

    private String afterwards(List<Leftover> stays) {
        return stays.isEmpty()
                ? "nothing; of Neap only its control tables are left, which "
                        + Shell.neap("uninstall", file == null ? "" : file) + " drops"
                : Shell.neap("uninstall", file == null ? "" : file) + "   (once no run is needed any more)";
    }
}
