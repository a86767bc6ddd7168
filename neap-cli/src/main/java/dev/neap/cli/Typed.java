package dev.neap.cli;

import dev.neap.backfill.Connections;
import dev.neap.backfill.Environment;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/**
 * What was typed. A command that is named as the next one gets those options of it that say where the database is and
 * which settings hold: pasted, it must mean the same.
 */
final class Typed {
    /** How commands call a backfill's file, or its name. */
    private static final Set<String> SUBJECTS = Set.of("FILE", "FILE|NAME", "FILE|RUN", "NAME");

    private static final String URL = "--url";
    /** What else a command says is about itself alone. */
    private static final List<String> KEPT = List.of(
            URL,
            "--profile",
            "--rate",
            "--pause",
            "--batch-pause",
            "--batch-rows",
            "--failure-limit",
            "--keep-old",
            "--workers",
            "--metrics");

    private static final Pattern COMMAND = Pattern.compile("(?<![\\w./-])neap ([a-z]+)(?![\\w-])(?! --help)");

    private final CommandLine command;
    private final Environment environment;

    /** @param command what was parsed */
    Typed(CommandLine command, Environment environment) {
        this.command = command;
        this.environment = environment;
    }

    /** The backfill's file or name that was typed. */
    Optional<String> subject() {
        return parsed().matchedPositionals().stream()
                .filter(word -> SUBJECTS.contains(word.paramLabel()))
                .flatMap(word -> word.originalStringValues().stream())
                .findFirst();
    }

    /** A line that says what to do next, its commands with the options that they need. */
    String complete(String next) {
        StringBuilder line = new StringBuilder();
        Matcher found = COMMAND.matcher(next);
        while (found.find()) {
            found.appendReplacement(
                    line,
                    Matcher.quoteReplacement(found.group() + options(found.group(1), next.substring(found.end()))));
        }
        found.appendTail(line);
        return line + (line.indexOf(":***@") < 0 ? "" : "   (with the password for ***)");
    }

    /** @param rest what follows the command's name, others after a semicolon too */
    private String options(String name, String rest) {
        CommandLine root = command.getParent();
        CommandLine other = root == null ? null : root.getSubcommands().get(name);
        if (other == null) {
            return "";
        }
        String words = rest.split(";", 2)[0];
        StringBuilder options = new StringBuilder();
        for (String kept : KEPT) {
            String value = value(kept);
            if (value != null && other.getCommandSpec().optionsMap().containsKey(kept) && !words.contains(kept)) {
                options.append(' ').append(kept).append(' ').append(kept.equals(URL) ? url(value) : Shell.word(value));
            }
        }
        return options.toString();
    }

    private @Nullable String value(String option) {
        return parsed().hasMatchedOption(option)
                ? parsed().matchedOption(option).originalStringValues().get(0)
                : null;
    }

    /** A password is never printed. */
    private String url(String typed) {
        String shown = Connections.mask(typed);
        boolean known = typed.equals(environment.variable("DATABASE_URL"));
        return known && !shown.equals(typed) ? "\"$DATABASE_URL\"" : Shell.word(shown);
    }

    private ParseResult parsed() {
        return command.getParseResult();
    }
}
