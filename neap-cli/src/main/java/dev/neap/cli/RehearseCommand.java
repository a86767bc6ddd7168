package dev.neap.cli;

import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.cli.rehearse.Rehearsal;
import dev.neap.cli.rehearse.Verdict;
import dev.neap.plan.Plan;
import dev.neap.rehearse.CopyRequest;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tries a backfill on a copy. */
@Command(
        name = "rehearse",
        description = {
            "Copies the table's definition and some of its rows, read-only, to a PostgreSQL server of its own; runs the"
                    + " backfill there while generated writers and readers are at work, kills it at every step, compares every"
                    + " row, and makes a receipt for the change ticket.",
            "The copy is deleted at the end. --omit leaves personal data where they are."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:good",
            "1:error, or the run failed on the copy",
            "2:refused by a preflight check, or wrong usage",
            "3:good as far as it went, but there was no time to kill the run at every step",
            "4:a row or a read was not as it should be"
        },
        footer = {
            "",
            "Example:",
            "  neap rehearse fix-revenue.yaml",
            "  neap rehearse fix-revenue.yaml --omit email,customers.name --html receipt.html"
        })
final class RehearseCommand extends NeapSubcommand {
    @Parameters(paramLabel = "FILE", description = "The backfill file.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Option(
            names = "--omit",
            paramLabel = "COLUMN",
            split = ",",
            description = "Reads none of this column's values: they become NULL, or are made up where it refuses null."
                    + " COLUMN or table.column; several with commas.")
    private List<String> omitted = List.of();

    @Option(
            names = "--rows",
            paramLabel = "N",
            description = "The most rows of one partition; otherwise " + CopyRequest.ROWS_PER_PARTITION + ". At most "
                    + CopyRequest.MOST_ROWS + " in all, of " + CopyRequest.MOST_PARTITIONS + " partitions.")
    private int rows = CopyRequest.ROWS_PER_PARTITION;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description =
                    "How long the run is killed again and again at most, once at each step, before it is left to end;"
                            + " otherwise 300.")
    private int seconds = 300;

    @Option(
            names = "--any-version",
            description = "Rehearses on the server that comes with Neap where none of the source's version is found.")
    private boolean anyVersion;

    @Option(names = "--html", paramLabel = "FILE", description = "Writes the receipt there as a page too.")
    private @Nullable Path html;

    @Option(names = "--seed", hidden = true, defaultValue = "42")
    private long seed;

    @Mixin
    private SettingOptions settings = new SettingOptions();

    RehearseCommand(World world) {
        super(world);
    }

    @Override
    Answer answer() {
        if (rows < 1 || seconds < 0) {
            throw new BackfillException("--rows takes 1 or more, --seconds 0 or more");
        }
        PageFile.check(html);
        BackfillFile backfill = settings.read(file, world.environment());
        ConnectionTarget source = backfill.target(world.environment());
        if (backfill.backfill().fills()) {
            throw new BackfillException("not in this version: a rehearsal of a fill");
        }
        Plan plan = world.engines().open(source).plan(backfill.backfill());
        if (plan.refused()) {
            return PlanCommand.of(plan, file);
        }
        CopyRequest request =
                new CopyRequest(rows, CopyRequest.MOST_ROWS, CopyRequest.MOST_PARTITIONS, new HashSet<>(omitted));
        PrintStream story = json && output == null ? world.err() : world.out();
        Rehearsal.Result result = new Rehearsal(
                        file, plan, source, request, Duration.ofSeconds(seconds), seed, story::println)
                .run(
                        Objects.requireNonNullElse(world.environment().nonEmpty("PATH"), ""),
                        anyVersion,
                        world.clock().instant());
        if (html != null) {
            PageFile.write(html, result.page());
            result.data().put("html", html.toString());
        }
        return Answer.of(code(result.verdict()), result.text(), result.data(), next(result.verdict(), plan));
    }

    static int code(Verdict verdict) {
        return switch (verdict) {
            case GOOD -> ExitCode.DONE;
            case INCOMPLETE -> ExitCode.STOPPED;
            case MISMATCH -> ExitCode.MISMATCH;
            case FAILED -> ExitCode.ERROR;
        };
    }

    private String next(Verdict verdict, Plan plan) {
        return switch (verdict) {
            case GOOD -> Shell.neap("run", file, "--plan-hash", plan.hash().substring(0, 12));
            case INCOMPLETE -> Shell.neap("rehearse", file, "--seconds", String.valueOf(Math.max(300L, 2L * seconds)));
            case MISMATCH, FAILED -> "find the cause before any run; the source is as it was";
        };
    }
}
