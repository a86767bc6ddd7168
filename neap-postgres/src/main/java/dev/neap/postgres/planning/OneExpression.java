package dev.neap.postgres.planning;

import java.util.Optional;

/**
 * Makes sure that a text put between parentheses stays between them. SQL pairs parentheses token by token, so a text
 * with no `;`, whose own parentheses pair and whose quotes and comments all end, cannot close the one around it or begin
 * another statement. (The driver splits at `;` by itself, so the server would not refuse a second statement.)
 */
public final class OneExpression {
    private final String sql;
    private int at;
    private int depth;
    private boolean escapedStringEnded;

    private OneExpression(String sql) {
        this.sql = sql;
    }

    /** What is wrong with the text; empty when it may be put between parentheses with a line break after it. */
    public static Optional<String> objection(String sql) {
        if (sql.isBlank()) {
            return Optional.of("it is empty");
        }
        if (sql.indexOf('\0') >= 0) {
            return Optional.of("it holds a zero byte");
        }
        return new OneExpression(sql).read();
    }

    private Optional<String> read() {
        while (at < sql.length()) {
            Optional<String> objection = token();
            if (objection.isPresent()) {
                return objection;
            }
        }
        return depth == 0 ? Optional.empty() : Optional.of("a parenthesis is not closed");
    }

    private Optional<String> token() {
        char c = sql.charAt(at);
        if (sql.startsWith("--", at)) {
            lineComment();
            return Optional.empty();
        }
        if (Character.isWhitespace(c)) {
            at++;
            return Optional.empty();
        }
        boolean afterEscapes = escapedStringEnded;
        escapedStringEnded = false;
        return switch (c) {
            case ';' -> Optional.of("it holds a ';' outside quotes");
            case '(', ')' -> parenthesis(c);
            case '\'' -> afterEscapes ? Optional.of("it goes on with an E'' string; write it as one") : string();
            case '"' -> quoted('"', false);
            case '$' -> dollar();
            default -> sql.startsWith("/*", at) ? comment() : plain();
        };
    }

    private Optional<String> plain() {
        at++;
        return Optional.empty();
    }

    private Optional<String> parenthesis(char c) {
        depth += c == '(' ? 1 : -1;
        at++;
        return depth < 0 ? Optional.of("it closes a parenthesis that it did not open") : Optional.empty();
    }

    private void lineComment() {
        while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
            at++;
        }
    }

    /** `E'…'` alone reads backslashes, and goes on to do so where it is continued on another line. */
    private Optional<String> string() {
        String word = wordBefore();
        if (!word.isEmpty() && (Character.isDigit(word.charAt(0)) || word.charAt(0) == '$')) {
            return Optional.of("a number runs into a quote; put a space between");
        }
        boolean escapes = word.equalsIgnoreCase("e");
        Optional<String> objection = quoted('\'', escapes);
        escapedStringEnded = escapes;
        return objection;
    }

    private String wordBefore() {
        int start = at;
        while (start > 0 && partOfName(sql.charAt(start - 1))) {
            start--;
        }
        return sql.substring(start, at);
    }

    private static boolean partOfName(char c) {
        return c >= 0x80 || Character.isLetterOrDigit(c) || c == '_' || c == '$';
    }

    private Optional<String> quoted(char quote, boolean escapes) {
        at++;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            boolean pair = at + 1 < sql.length() && c == quote && sql.charAt(at + 1) == quote;
            if (pair || (escapes && c == '\\')) {
                at += 2;
            } else {
                at++;
                if (c == quote) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of("a quote is not closed");
    }

    private Optional<String> comment() {
        int level = 0;
        while (at < sql.length()) {
            if (sql.startsWith("/*", at)) {
                level++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                level--;
                at += 2;
                if (level == 0) {
                    return Optional.empty();
                }
            } else {
                at++;
            }
        }
        return Optional.of("a comment is not closed");
    }

    private Optional<String> dollar() {
        String word = wordBefore();
        int end = at + 1;
        while (end < sql.length() && partOfName(sql.charAt(end)) && sql.charAt(end) != '$') {
            end++;
        }
        boolean digit = at + 1 < sql.length() && Character.isDigit(sql.charAt(at + 1));
        if (digit && word.isEmpty()) {
            return Optional.of("it holds a parameter such as $1, for which there is no value");
        }
        if (end >= sql.length() || sql.charAt(end) != '$' || digit) {
            return plain();
        }
        if (!word.isEmpty()) {
            return Optional.of("a '$' quote begins inside a word; put a space before it");
        }
        String delimiter = sql.substring(at, end + 1);
        int close = sql.indexOf(delimiter, end + 1);
        if (close < 0) {
            return Optional.of("a quote is not closed");
        }
        at = close + delimiter.length();
        return Optional.empty();
    }
}
