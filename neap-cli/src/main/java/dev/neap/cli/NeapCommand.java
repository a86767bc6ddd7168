package dev.neap.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that all others stand under. */
@Command(
        name = "neap",
        description = "Rebuilds partitioned PostgreSQL tables online, without making waves.",
        versionProvider = NeapCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:error",
            "2:usage or configuration",
            "3:stopped with work left; the same command goes on",
            "4:a verification found a difference",
            "6:somebody else holds the run",
            "7:a swap could not get its lock in time; nothing changed",
            "130:interrupted, checkpointed",
            "143:terminated, checkpointed"
        },
        footer = {
            "",
            "Example:",
            "  neap init \"$DATABASE_URL\" public.events",
            "  neap plan rebuild-events.yaml",
            "  neap run rebuild-events.yaml",
            "",
            "neap COMMAND --help says more about each."
        })
final class NeapCommand implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this.")
    boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Shows the version.")
    boolean version;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** The whole command line. */
    static CommandLine commandLine(World world) {
        return new CommandLine(new NeapCommand())
                .addSubcommand(new DemoCommand(world))
                .addSubcommand(new InitCommand(world))
                .addSubcommand(new GrantsCommand(world))
                .addSubcommand(new ConfigCommand(world))
                .addSubcommand(new CheckCommand(world))
                .addSubcommand(new PlanCommand(world))
                .addSubcommand(new PreviewCommand(world))
                .addSubcommand(new RehearseCommand(world))
                .addSubcommand(new ParityCommand(world))
                .addSubcommand(new ApproveCommand(world))
                .addSubcommand(new RunCommand(world))
                .addSubcommand(new VerifyCommand(world))
                .addSubcommand(new StatusCommand(world))
                .addSubcommand(new WishCommand.Pause(world))
                .addSubcommand(new WishCommand.Resume(world))
                .addSubcommand(new WishCommand.StopRun(world))
                .addSubcommand(new SwapCommand(world))
                .addSubcommand(new PaceCommand(world))
                .addSubcommand(new RetryCommand(world))
                .addSubcommand(new UndoCommand(world))
                .addSubcommand(new CleanupCommand(world))
                .addSubcommand(new UninstallCommand(world))
                .addSubcommand(new CompletionCommand(world));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command");
    }

    /** Reads the version from the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = NeapCommand.class.getPackage().getImplementationVersion();
            return new String[] {"neap " + (version == null ? "development build" : version)};
        }
    }
}
