package dev.neap.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every command has in common. */
abstract class NeapSubcommand implements Callable<Integer> {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    boolean help;

    @Option(names = "--json", description = "Prints JSON.")
    boolean json;

    @Option(names = "--output", paramLabel = "FILE", description = "Writes there instead.")
    @Nullable
    Path output;

    @Option(names = "--verbose", description = "Shows stack traces and more log lines.")
    boolean verbose;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    CommandSpec spec;

    final World world;

    NeapSubcommand(World world) {
        this.world = world;
    }

    /** What was typed. */
    Typed typed() {
        return new Typed(spec.commandLine(), world.environment());
    }

    /**
     * Where its answer goes.
     *
     * @param file null for standard output
     */
    Report report(@Nullable Path file) {
        return new Report(world, typed(), json, file);
    }

    /** Whether its answer is the last of many lines, which stand whatever goes wrong. */
    boolean streams() {
        return false;
    }

    /** Does the work; what goes wrong is an exception with a message for people. */
    abstract Answer answer();

    @Override
    public Integer call() {
        PageFile.check(output);
        Answer answer = answer();
        try (Report report = report(output)) {
            report.write(answer);
        }
        return answer.exitCode();
    }
}
