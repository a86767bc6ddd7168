package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillException;
import dev.neap.cli.text.Json;
import dev.neap.cli.text.Text;
import dev.neap.dialect.Leftover;
import java.util.ArrayList;
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
                        + " is over. It asks first. With --dual-write also the trigger that stands in for an"
                        + " application.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:nothing is due any more", "1:error", "2:wrong usage", "3:not confirmed, nothing dropped"},
        footer = {
            "",
            "Examples:",
            "  neap cleanup fix-revenue.yaml --dry-run",
            "  neap cleanup split-full-name.yaml --dual-write split-full-name",
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

    @Option(
            names = "--dual-write",
            paramLabel = "BACKFILL",
            description =
                    "Also takes off the trigger that stands in for the application of this backfill, whose run is done:"
                            + " once the application writes both places by itself, or needs only one.")
    private @Nullable String dualWrite;

    CleanupCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        Subject subject = Subject.of(world, file, url);
        List<Leftover> all = subject.engine().leftovers();
        requireStandIn(all);
        List<Leftover> due = all.stream().filter(this::goes).toList();
        List<Leftover> stays = all.stream().filter(leftover -> !goes(leftover)).toList();
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
        List<Leftover> dropped =
                new ArrayList<>(dualWrite == null ? List.of() : subject.engine().endDualWrite(dualWrite));
        dropped.addAll(subject.engine().cleanup());
        String text = "Dropped " + Text.count(dropped.size(), "thing") + ", " + LeftoverText.bytes(dropped) + ".";
        return Answer.of(ExitCode.DONE, text, data(dropped, stays), afterwards(stays));
    }

    private boolean goes(Leftover leftover) {
        return leftover.due() || (dualWrite != null && dualWrite.equals(leftover.standsInFor()));
    }

    private void requireStandIn(List<Leftover> all) {
        String ended = dualWrite;
        if (ended != null && all.stream().noneMatch(left -> ended.equals(left.standsInFor()))) {
            throw new BackfillException("no trigger stands in for the application of a backfill '" + ended
                    + "' whose run is done; neap cleanup --dry-run shows what there is");
        }
    }

    private static ObjectNode data(List<Leftover> dropped, List<Leftover> stays) {
        return Json.object(Map.of("dropped", dropped, "stays", stays));
    }

    private static String stays(List<Leftover> stays) {
        return stays.isEmpty() ? "" : "\nThis stays, " + LeftoverText.bytes(stays) + ":\n" + LeftoverText.table(stays);
    }

    private String command() {
        return Shell.neap("cleanup", file == null ? "" : file)
                + (dualWrite == null ? "" : " --dual-write " + dualWrite);
    }

    private String afterwards(List<Leftover> stays) {
        return stays.isEmpty()
                ? "nothing; of Neap only its control tables are left, which "
                        + Shell.neap("uninstall", file == null ? "" : file) + " drops"
                : Shell.neap("uninstall", file == null ? "" : file) + "   (once no run is needed any more)";
    }
}
