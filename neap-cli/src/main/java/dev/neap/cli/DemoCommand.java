package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillException;
import dev.neap.cli.demo.Theatre;
import dev.neap.cli.progress.BarProgress;
import dev.neap.cli.progress.LineProgress;
import dev.neap.cli.progress.Progress;
import dev.neap.cli.text.Json;
import dev.neap.plan.Plan;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows a rebuild on a server that comes and goes with it. */
@Command(
        name = "demo",
        description = {
            "Rebuilds a table of its own, on a PostgreSQL server of its own, while an application reads and writes it.",
            "Nothing is installed, and nothing is left behind."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:the server did not start", "4:a check failed", "130:interrupted"},
        footer = {"", "Examples:", "  neap demo", "  neap demo --keep", "  neap demo --versus --svg versus.svg"})
final class DemoCommand extends NeapSubcommand {
    @Option(names = "--keep", description = "Leaves it running afterwards, until Ctrl-C, and says what to try.")
    private boolean keep;

    @Option(
            names = "--versus",
            description = "Compares one UPDATE, the usual recipe and Neap under the same traffic; about four minutes.")
    private boolean versus;

    @Option(names = "--svg", paramLabel = "FILE", description = "With --versus: draws the comparison too.")
    private @Nullable Path svg;

    @Option(names = "--rows", hidden = true, defaultValue = "2016000")
    private long rows;

    @Option(names = "--months", hidden = true, defaultValue = "36")
    private int months;

    @Option(names = "--seed", hidden = true, defaultValue = "42")
    private long seed;

    DemoCommand(World world) {
        super(world);
    }

    @Override
    public Integer call() {
        try (Report report = report(output);
                Theatre theatre = Theatre.open(rows, months, seed, story()::println, this::progress)) {
            Theatre.Shown shown = versus ? theatre.versus() : theatre.demo();
            story().println();
            Answer answer = answer(shown);
            report.write(answer);
            draw(shown);
            if (keep && !versus) {
                story().println();
                theatre.invitation().forEach(story()::println);
                theatre.goOn();
            }
            return answer.exitCode();
        }
    }

    @Override
    Answer answer() {
        throw new IllegalStateException("the demo reports by itself");
    }

    private static Answer answer(Theatre.Shown shown) {
        ObjectNode data = Json.object(shown.data());
        return Answer.of(
                shown.good() ? ExitCode.DONE : ExitCode.MISMATCH,
                String.join("\n", shown.lines()) + "\n",
                data.put("good", shown.good()),
                "neap init URL TABLE begins with a table of your own");
    }

    private void draw(Theatre.Shown shown) {
        if (svg == null || shown.picture().isEmpty()) {
            return;
        }
        try {
            Files.writeString(svg, shown.picture());
        } catch (IOException e) {
            throw new BackfillException("the file " + svg + " cannot be written: is its folder there, and yours?");
        }
    }

    /** Where it is told what goes on: never into the JSON. */
    private PrintStream story() {
        return json && output == null ? world.err() : world.out();
    }

    private Progress progress(Plan plan) {
        long begin = System.nanoTime();
        Supplier<Duration> clock = () -> Duration.ofNanos(System.nanoTime() - begin);
        String name = plan.backfill().name();
        return world.terminal()
                ? new BarProgress(name, story(), world.width(), clock)
                : new LineProgress(name, story(), clock);
    }
}
