package dev.neap.cli;

import dev.neap.cli.text.Json;
import dev.neap.cli.text.Text;
import dev.neap.dialect.Leftover;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes everything of Neap's out of a database. */
@Command(
        name = "uninstall",
        description =
                "Drops the neap schema and everything else of Neap's. It shows what and how big, and asks first."
                        + " Partitions that are still kept, and triggers that stand in for an application, go only with --force.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:no trace is left", "1:error", "2:refused, or wrong usage", "3:not confirmed, nothing dropped"
        },
        footer = {"", "Example:", "  neap uninstall fix-revenue.yaml"})
final class UninstallCommand extends NeapSubcommand {
    @Parameters(paramLabel = "FILE", arity = "0..1", description = "A backfill file, for its connection.")
    private @Nullable String file;

    @Option(names = "--url", paramLabel = "URL", description = "Where the database is.")
    private @Nullable String url;

    @Option(names = "--yes", description = "Does not ask.")
    private boolean yes;

    @Option(
            names = "--force",
            description =
                    "Drops kept partitions too, though their time is not over, and triggers that stand in for an application.")
    private boolean force;

    UninstallCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        Question.requireSomebody(world, yes, json);
        Subject subject = Subject.of(world, file, url);
        List<Leftover> all = subject.engine().leftovers();
        if (!json) {
            world.out()
                    .println(
                            all.isEmpty()
                                    ? "Nothing of Neap's is here but, perhaps, its empty schema."
                                    : "All of this goes, " + LeftoverText.bytes(all) + ":\n" + LeftoverText.table(all));
        }
        if (!yes && !Question.yes(world, "Drop all of it?")) {
            return Answer.of(
                    ExitCode.STOPPED,
                    "Nothing was dropped.",
                    Json.object(Map.of("dropped", List.of())),
                    Shell.neap("uninstall", file == null ? "" : file));
        }
        List<Leftover> dropped = subject.engine().uninstall(force);
        return Answer.of(
                ExitCode.DONE,
                "Dropped " + Text.count(dropped.size(), "thing") + ". No trace of Neap is left.",
                Json.object(Map.of("dropped", dropped)),
                "nothing; a run makes its schema again when it is needed");
    }
}
