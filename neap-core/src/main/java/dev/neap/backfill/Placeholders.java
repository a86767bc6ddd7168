package dev.neap.backfill;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The `${VAR}` and `${file:/path}` of one text. Their values are kept apart from the text while it is taken to pieces, so
 * that a password with an `@` in it needs no percent-encoding.
 */
final class Placeholders {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern MARK = Pattern.compile("\u0001(\\d+)\u0001");
    private static final int MOST_BYTES = 64 * 1024;

    private final List<String> values = new ArrayList<>();
    private final String marked;

    private Placeholders(String text, Environment environment) {
        Matcher matcher = PLACEHOLDER.matcher(text);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            values.add(value(matcher.group(1), environment));
            matcher.appendReplacement(out, "\u0001" + (values.size() - 1) + "\u0001");
        }
        marked = matcher.appendTail(out).toString();
    }

    /**
     * Looks up every placeholder.
     *
     * @throws BackfillException when one stands for nothing
     */
    static Placeholders of(String text, Environment environment) {
        return new Placeholders(text, environment);
    }

    /** Whether the text has a placeholder. */
    static boolean any(String text) {
        return PLACEHOLDER.matcher(text).find();
    }

    /** The text with a mark in place of each placeholder. */
    String marked() {
        return marked;
    }

    /** Puts the values in the place of the marks. */
    String fill(String part) {
        return MARK.matcher(part)
                .replaceAll(mark -> Matcher.quoteReplacement(values.get(Integer.parseInt(mark.group(1)))));
    }

    private static String value(String name, Environment environment) {
        if (name.startsWith("file:")) {
            return fromFile(name.substring("file:".length()), environment);
        }
        if (!VARIABLE.matcher(name).matches()) {
            throw new BackfillException(
                    "'${" + name + "}' is no placeholder; write ${VAR} for a variable or ${file:/path} for a file");
        }
        String value = environment.nonEmpty(name);
        if (value == null) {
            throw new BackfillException("the environment variable " + name + " is "
                    + (environment.variable(name) == null ? "not set" : "empty") + "; set it, as in: export " + name
                    + "=…");
        }
        return value;
    }

    private static String fromFile(String path, Environment environment) {
        Path file = path.startsWith("~/") ? environment.home().resolve(path.substring(2)) : Path.of(path);
        if (!file.isAbsolute()) {
            throw new BackfillException("'${file:" + path + "}' needs an absolute path, or one that begins with ~/");
        }
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new BackfillException("the file " + file + " is too large to be a secret");
            }
            String value = Files.readString(file, StandardCharsets.UTF_8).stripTrailing();
            if (value.isEmpty()) {
                throw new BackfillException("the file " + file + " is empty");
            }
            return value;
        } catch (IOException e) {
            throw new BackfillException("the file " + file + " cannot be read: is it there, and may you read it?");
        }
    }
}
