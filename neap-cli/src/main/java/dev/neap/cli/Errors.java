package dev.neap.cli;

import static java.time.temporal.ChronoUnit.MILLIS;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.backfill.BackfillException;
import dev.neap.cli.text.Json;
import dev.neap.cli.text.Text;
import dev.neap.dialect.NeapException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says what went wrong, and never shows a stack trace to somebody who did not ask for it. */
final class Errors {
    private final World world;

    Errors(World world) {
        this.world = world;
    }

    /** What was typed makes no sense. */
    int usage(ParameterException e, String[] unusedArguments) {
        CommandLine command = e.getCommandLine();
        say(e instanceof UnmatchedArgumentException unmatched ? unknown(unmatched) : lowerFirst(e.getMessage()));
        world.err().println("Next: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }

    private static String unknown(UnmatchedArgumentException e) {
        String typed = e.getUnmatched().isEmpty() ? "" : e.getUnmatched().get(0);
        boolean root = e.getCommandLine().getParent() == null;
        String what = typed.startsWith("-") ? "unknown option" : root ? "unknown command" : "one word too many:";
        List<String> near = typed.startsWith("-") || root ? e.getSuggestions() : List.of();
        return what + " '" + typed + "'"
                + (near.isEmpty() ? "" : "; did you mean '" + near.get(0).split("=", 2)[0] + "'?");
    }

    private static String lowerFirst(@Nullable String message) {
        return message == null || message.isEmpty()
                ? "this cannot be understood"
                : message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
    }

    /** A command failed. */
    int failure(Exception e, CommandLine command, @Nullable ParseResult unusedParsed) {
        Object user = command.getCommand();
        boolean verbose = user instanceof NeapSubcommand subcommand && subcommand.verbose;
        List<String> messages = messages(e, verbose);
        messages.forEach(this::say);
        if (verbose) {
            e.printStackTrace(world.err());
        }
        int exitCode = exitCode(e);
        Typed typed = new Typed(command, world.environment());
        String next = next(exitCode, command, typed);
        world.err().println("Next: " + typed.complete(next));
        if (user instanceof NeapSubcommand subcommand && subcommand.json) {
            writeJson(messages, exitCode, next, subcommand);
        }
        return exitCode;
    }

    private void writeJson(List<String> messages, int exitCode, String next, NeapSubcommand failed) {
        ObjectNode data = Json.object();
        if (failed.streams()) {
            data.put("event", "finished")
                    .put("at", world.clock().instant().truncatedTo(MILLIS).toString());
        }
        data.put("error", String.join("\n", messages)).put("exit_code", exitCode);
        Answer answer = Answer.of(exitCode, "", data, next);
        try (Report report = failed.streams()
                ? Report.after(world, failed.typed(), true, failed.output)
                : failed.report(failed.output)) {
            report.writeLast(answer);
        } catch (BackfillException unwritable) {
            say(unwritable.getMessage());
        }
    }

    private static List<String> messages(Exception e, boolean verbose) {
        if (e instanceof BackfillException problems) {
            return problems.problems();
        }
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        if (e instanceof NeapException || e instanceof Signals.Signalled || e instanceof UncheckedIOException) {
            return message.lines().filter(line -> !line.isBlank()).toList();
        }
        return List.of("a bug in Neap: " + message + (verbose ? "" : "; --verbose shows where"));
    }

    private static int exitCode(Exception e) {
        if (e instanceof BackfillException) {
            return ExitCode.USAGE;
        }
        if (e instanceof Signals.Signalled signalled) {
            return signalled.exitCode();
        }
        return e instanceof NeapException neap ? ExitCode.of(neap.kind()) : ExitCode.ERROR;
    }

    private static String next(int exitCode, CommandLine command, Typed typed) {
        String name = command.getCommandSpec().qualifiedName();
        // A run's number is no backfill.
        String subject = typed.subject().filter(word -> !word.matches("\\d+")).orElse("NAME");
        return switch (exitCode) {
            case ExitCode.USAGE -> "mend that, then the same command; " + name + " --help says more";
            case ExitCode.HELD -> "wait for it, or stop it: " + Shell.neap("stop", subject);
            case ExitCode.LOCKED_OUT -> "end or outwait who is in the way, then the same command";
            case ExitCode.MISMATCH -> "nothing was replaced by what differs; look at: " + Shell.neap("status", subject);
            case ExitCode.BREAKER -> "mend what tripped it, then the same command; it goes on from its checkpoint";
            case ExitCode.INTERRUPTED, ExitCode.TERMINATED -> "the same command goes on where it stopped";
            default -> "mend the cause, then the same command";
        };
    }

    private void say(@Nullable String message) {
        world.err().println("neap: " + Text.visible(String.valueOf(message)));
    }
}
