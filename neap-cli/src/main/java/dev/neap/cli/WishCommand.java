package dev.neap.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.cli.text.Json;
import dev.neap.control.RunStatus;
import dev.neap.control.Wish;
import dev.neap.dialect.NeapException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Pauses, resumes or stops a run from another terminal. */
abstract class WishCommand extends NeapSubcommand {
    private final Wish wish;

    @Mixin
    SubjectParameters parameters = new SubjectParameters();

    private WishCommand(World world, Wish wish) {
        super(world);
        this.wish = wish;
    }

    @Override
    Answer answer() {
        Subject subject = parameters.find(world);
        String name = subject.requiredName();
        if (!subject.engine().wish(name, wish)) {
            throw none(name);
        }
        boolean alive = subject.engine().status(name, 0).map(RunStatus::alive).orElse(false);
        ObjectNode data =
                Json.object().put("backfill", name).put("wish", wish.label()).put("alive", alive);
        return Answer.of(ExitCode.DONE, text(name, alive), data, next(subject, alive));
    }

    static NeapException none(String name) {
        return new NeapException(
                NeapException.Kind.STOP, "there is no unfinished run of the backfill '" + name + "' in this database");
    }

    private String text(String name, boolean alive) {
        return switch (wish) {
            case PAUSE -> alive ? name + " pauses at the next safe point." : name + " will be paused when it goes on.";
            case RUN -> alive ? name + " goes on." : name + " may go on, but no process is at it.";
            case STOP ->
                alive ? name + " stops at the next safe point." : name + " has no process at it; it stays stopped.";
        };
    }

    private String next(Subject subject, boolean alive) {
        String goOn = subject.byFile() ? Shell.neap("run", subject.typed()) : "neap run FILE";
        return switch (wish) {
            case PAUSE -> Shell.neap("resume", subject.typed());
            case RUN -> alive ? Shell.neap("status", subject.typed()) + " --watch" : goOn;
            case STOP -> goOn + "   (goes on where it stopped)";
        };
    }

    /** Pauses a run. */
    @Command(
            name = "pause",
            description = "Asks the unfinished run of a backfill to pause at the next safe point. It keeps its place.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:asked", "1:there is no unfinished run", "2:wrong usage"},
            footer = {"", "Example:", "  neap pause fix-revenue.yaml"})
    static final class Pause extends WishCommand {
        Pause(World world) {
            super(world, Wish.PAUSE);
        }
    }

    /** Lets a paused run go on. */
    @Command(
            name = "resume",
            description = "Lets a paused run go on. A run that was stopped goes on with neap run.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:asked", "1:there is no unfinished run", "2:wrong usage"},
            footer = {"", "Example:", "  neap resume fix-revenue.yaml"})
    static final class Resume extends WishCommand {
        Resume(World world) {
            super(world, Wish.RUN);
        }
    }

    /** Stops a run. */
    @Command(
            name = "stop",
            description = {
                "Asks the unfinished run of a backfill to stop at the next safe point. neap run goes on with it.",
                "--abandon gives up a run that no process is at: done partitions stay done, and whatever else it made is due"
                        + " for neap cleanup."
            },
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {
                "0:asked, or given up",
                "1:there is no unfinished run",
                "2:wrong usage",
                "6:a process is at it, so it cannot be given up"
            },
            footer = {"", "Examples:", "  neap stop fix-revenue.yaml", "  neap stop fix-revenue.yaml --abandon"})
    static final class StopRun extends WishCommand {
        @Option(names = "--abandon", description = "Gives the run up for good.")
        private boolean abandon;

        StopRun(World world) {
            super(world, Wish.STOP);
        }

        @Override
        Answer answer() {
            return abandon ? abandoned() : super.answer();
        }

        private Answer abandoned() {
            Subject subject = parameters.find(world);
            String name = subject.requiredName();
            if (!subject.engine().abandon(name)) {
                throw none(name);
            }
            return Answer.of(
                    ExitCode.DONE,
                    "The unfinished run of " + name + " is given up; its done partitions stay done.",
                    Json.object().put("backfill", name).put("abandoned", true),
                    Shell.neap("cleanup", subject.byFile() ? subject.typed() : ""));
        }
    }
}
