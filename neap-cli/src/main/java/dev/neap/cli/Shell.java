package dev.neap.cli;

import java.util.regex.Pattern;

/** Commands that can be pasted into a shell. */
final class Shell {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+=,-]+");

    private Shell() {}

    /** One word, quoted where a shell would take it apart. */
    static String word(Object word) {
        String text = word.toString();
        return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /** A statement that can be pasted into psql: it ends with a semicolon, a comment does not. */
    static String sql(String statement) {
        String text = statement.strip();
        return text.endsWith(";") || text.startsWith("--") ? text : text + ";";
    }

    /** A command of Neap's. */
    static String neap(String command, Object... words) {
        StringBuilder line = new StringBuilder("neap ").append(command);
        for (Object word : words) {
            if (!word.toString().isEmpty()) {
                line.append(' ').append(word(word));
            }
        }
        return line.toString();
    }
}
