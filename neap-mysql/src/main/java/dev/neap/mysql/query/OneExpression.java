package dev.neap.mysql.query;

import java.util.Optional;

/**
 * Makes sure that a text put between parentheses stays between them, as MariaDB reads it: strings in either quote with
 * backslashes, names in backticks, three kinds of comments. A text with no `;`, whose own parentheses pair and whose
 * quotes and comments all end, cannot close the parenthesis around it or begin another statement.
 */
public final class OneExpression {
    private final String sql;
    private int at;
    private int depth;

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
        if (c == '#' || sql.startsWith("--", at)) {
            return lineComment();
        }
        if (sql.startsWith("/*", at)) {
            return comment();
        }
        return switch (c) {
            case ';' -> Optional.of("it holds a ';' outside quotes");
            case '(', ')' -> parenthesis(c);
            case '\'', '"', '`' -> quoted(c);
            default -> plain();
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

    /** Without a blank after it, `--` is two minus signs here, and a comment elsewhere. */
    private Optional<String> lineComment() {
        if (sql.charAt(at) == '-' && at + 2 < sql.length() && !Character.isWhitespace(sql.charAt(at + 2))) {
            return Optional.of("it holds '--' with no blank after it; put one after each minus");
        }
        while (at < sql.length() && sql.charAt(at) != '\n') {
            at++;
        }
        return Optional.empty();
    }

    private Optional<String> comment() {
        if (sql.startsWith("/*!", at) || sql.startsWith("/*M!", at)) {
            return Optional.of("it holds a comment that the server executes");
        }
        int end = sql.indexOf("*/", at + 2);
        if (end < 0) {
            return Optional.of("a comment is not closed");
        }
        at = end + 2;
        return Optional.empty();
    }

    private Optional<String> quoted(char quote) {
        at++;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            boolean pair = at + 1 < sql.length() && c == quote && sql.charAt(at + 1) == quote;
            if (pair || (quote != '`' && c == '\\')) {
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
}
