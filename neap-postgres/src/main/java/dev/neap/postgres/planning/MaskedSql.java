package dev.neap.postgres.planning;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SQL with blanks in place of what stands in quotes and comments, so that words and marks can be looked for. The text
 * must be one that {@link OneExpression} has no objection to.
 */
public final class MaskedSql {
    private static final Pattern HIDDEN = Pattern.compile(
            // What is in E'' may hold \'; comments nest, but one that OneExpression took is closed.
            "(?<![\\p{L}\\p{N}_$])[eE]'(?:[^'\\\\]++|\\\\.|'')*+'|'(?:[^']++|'')*+'|\"(?:[^\"]++|\"\")*+\"|--[^\\r\\n]*|/\\*|(?<![\\p{L}\\p{N}_$])(\\$(?:[\\p{L}_][\\p{L}\\p{N}_]*)?\\$)",
            Pattern.DOTALL);

    private MaskedSql() {}

    /** A text of the same length, each character of it at its place or blank. */
    public static String of(String sql) {
        StringBuilder masked = new StringBuilder(sql);
        Matcher hidden = HIDDEN.matcher(sql);
        int at = 0;
        while (hidden.find(at)) {
            int end = end(sql, hidden);
            for (int i = hidden.start(); i < end; i++) {
                masked.setCharAt(i, ' ');
            }
            at = end;
        }
        return masked.toString();
    }

    private static int end(String sql, Matcher hidden) {
        String delimiter = hidden.group(1);
        if (delimiter != null) {
            int close = sql.indexOf(delimiter, hidden.end());
            return close < 0 ? sql.length() : close + delimiter.length();
        }
        return sql.startsWith("/*", hidden.start()) ? commentEnd(sql, hidden.start()) : hidden.end();
    }

    private static int commentEnd(String sql, int start) {
        int level = 0;
        int at = start;
        while (at < sql.length()) {
            if (sql.startsWith("/*", at)) {
                level++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                level--;
                at += 2;
                if (level == 0) {
                    return at;
                }
            } else {
                at++;
            }
        }
        return at;
    }

    /** How many parentheses are open at a place of a masked text. */
    static int depth(String masked, int place) {
        int depth = 0;
        for (int i = 0; i < place; i++) {
            depth += masked.charAt(i) == '(' ? 1 : masked.charAt(i) == ')' ? -1 : 0;
        }
        return depth;
    }
}
