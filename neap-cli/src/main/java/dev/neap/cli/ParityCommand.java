package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Connections;
import dev.neap.cli.text.Json;
import dev.neap.parity.Parity;
import dev.neap.parity.Survey;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares the database of a rehearsal with that of the run. */
@Command(
        name = "parity",
        description = {
            "Compares two databases, as far as a rehearsal on the one is to tell about a run on the other: versions, settings,"
                    + " extensions, the tables in question, their sizes and statistics, the plans of the backfill's own"
                    + " statements, and how fast they are. Shows what differs, and what of it makes a rehearsal worthless.",
            "It reads, but for a probe of at most 10 seconds on each, which writes nothing that stays. --no-probe leaves it"
                    + " out."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:nothing that differs makes a rehearsal worthless",
            "1:error",
            "2:wrong usage",
            "4:something does"
        },
        footer = {
            "",
            "Examples:",
            "  neap parity fill.yaml --from staging --to prod     (NEAP_CONNECTION_STAGING, NEAP_CONNECTION_PROD)",
            "  neap parity fill.yaml --from \"$STAGING_URL\" --no-probe"
        })
final class ParityCommand extends NeapSubcommand {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");

    @Parameters(paramLabel = "FILE", description = "The backfill file, which says what tables it is about.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "DATABASE",
            description = "Where the rehearsal is: a URL, or a name such as staging, whose URL is in"
                    + " NEAP_CONNECTION_STAGING.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String from;

    @Option(
            names = "--to",
            paramLabel = "DATABASE",
            description = "Where the run will be, written alike. Without it: the file's connection.")
    private @Nullable String to;

    @Option(names = "--no-probe", description = "Does not measure how fast they are.")
    private boolean noProbe;

    @Mixin
    private SettingOptions settings = new SettingOptions();

    ParityCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        BackfillFile backfill = settings.read(file, world.environment());
        ConnectionTarget here = target("--from", from);
        ConnectionTarget there = to == null ? backfill.target(world.environment()) : target("--to", to);
        Survey rehearsal = world.engines().open(here).survey(backfill.backfill(), !noProbe);
        Survey run = world.engines().open(there).survey(backfill.backfill(), !noProbe);
        Parity parity = Parity.of(rehearsal, run);
        ObjectNode data = Json.object(parity).put("worthless", parity.worthless());
        return Answer.of(
                parity.worthless() ? ExitCode.MISMATCH : ExitCode.DONE,
                ParityText.of(parity, here.printable(), there.printable()),
                data,
                parity.worthless()
                        ? "mend what is worthless, and compare again"
                        // A fill is rehearsed by running it there.
                        : Shell.neap(backfill.backfill().fills() ? "plan" : "rehearse", file));
    }

    private ConnectionTarget target(String option, String written) {
        if (!NAME.matcher(written).matches()) {
            return Connections.resolve(written, world.environment());
        }
        String variable = "NEAP_CONNECTION_" + written.toUpperCase(Locale.ROOT).replace('-', '_');
        String url = world.environment().nonEmpty(variable);
        if (url == null) {
            throw new BackfillException(option + " " + written + ": the variable " + variable
                    + " is not set; put a URL there, or write one in place of the name");
        }
        return Connections.resolve(url, world.environment());
    }
}
