package dev.neap.cli;

import dev.neap.backfill.Environment;
import dev.neap.dialect.Tuning;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;

/** The neap command. */
public final class Main {
    /** The driver's own log repeats what its exceptions say. Held here, or the level is forgotten. */
    private static final Logger DRIVER_LOG = Logger.getLogger("org.postgresql");

    private Main() {}

    public static void main(String[] arguments) {
        DRIVER_LOG.setLevel(Level.OFF);
        if (Arrays.asList(arguments).contains("--verbose")) {
            System.setProperty("neap.log.level", "DEBUG");
            System.setProperty("neap.log.exceptions", "%ex");
        }
        System.exit(run(realWorld(), arguments));
    }

    /** Runs one command and returns the exit code. */
    static int run(World world, String... arguments) {
        Errors errors = new Errors(world);
        CommandLine commandLine = NeapCommand.commandLine(world)
                .setOut(new java.io.PrintWriter(world.out(), true, StandardCharsets.UTF_8))
                .setErr(new java.io.PrintWriter(world.err(), true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100)
                .setParameterExceptionHandler(errors::usage)
                .setExecutionExceptionHandler(errors::failure);
        return commandLine.execute(arguments);
    }

    private static World realWorld() {
        return new World(
                Environment.system(),
                stream(FileDescriptor.out),
                stream(FileDescriptor.err),
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
                Terminals.present(),
                Terminals.width(),
                Clock.systemUTC(),
                target -> new Neap(Dialects.of(target), target, Tuning.DEFAULT, Probe.NONE));
    }

    /** In UTF-8 whatever the locale says: names in a database may hold any letter. */
    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }
}
