package dev.neap.postgres.planning;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A partition's bound, read from the server's own spelling of it.
 *
 * @param lower RANGE: one edge per key column; LIST: the values; HASH: the remainder
 * @param upper RANGE: one edge per key column; otherwise empty
 */
record Bound(List<Edge> lower, List<Edge> upper) {
    private static final String FROM = "FOR VALUES FROM (";
    private static final String TO = ") TO (";
    private static final String IN = "FOR VALUES IN (";
    private static final Pattern WITH = Pattern.compile("FOR VALUES WITH \\(modulus \\d+, remainder (\\d+)\\)");

    /**
     * One column's part of a bound.
     *
     * @param side -1 for MINVALUE, 1 for MAXVALUE, 0 for a value
     * @param value the bare literal; null unless the side is 0, and for LIST's NULL
     */
    record Edge(int side, @Nullable String value) {}

    /** Reads what `pg_get_expr(relpartbound, oid)` says of a partition that is not the default one. */
    static Bound parse(String text) {
        Matcher hash = WITH.matcher(text);
        if (hash.matches()) {
            return new Bound(List.of(new Edge(0, hash.group(1))), List.of());
        }
        if (text.startsWith(IN)) {
            return new Bound(new Reader(text, IN.length()).edges(), List.of());
        }
        if (!text.startsWith(FROM)) {
            throw new IllegalArgumentException("not a partition's bound: " + text);
        }
        Reader reader = new Reader(text, FROM.length());
        List<Edge> lower = reader.edges();
        reader.skip(TO);
        return new Bound(lower, reader.edges());
    }

    /** Walks over the literals, which may hold any character. */
    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text, int at) {
            this.text = text;
            this.at = at;
        }

        void skip(String expected) {
            if (!text.startsWith(expected, at)) {
                throw new IllegalArgumentException("not a partition's bound: " + text);
            }
            at += expected.length();
        }

        List<Edge> edges() {
            List<Edge> edges = new ArrayList<>();
            edges.add(edge());
            while (text.startsWith(", ", at)) {
                at += 2;
                edges.add(edge());
            }
            return edges;
        }

        private Edge edge() {
            if (text.startsWith("E'", at) || text.startsWith("B'", at)) {
                return new Edge(0, quoted(text.charAt(at++) == 'E'));
            }
            if (text.charAt(at) == '\'') {
                return new Edge(0, quoted(false));
            }
            int start = at;
            while (text.charAt(at) != ',' && text.charAt(at) != ')') {
                at++;
            }
            String word = text.substring(start, at);
            return switch (word) {
                case "MINVALUE" -> new Edge(-1, null);
                case "MAXVALUE" -> new Edge(1, null);
                case "NULL" -> new Edge(0, null);
                default -> new Edge(0, word);
            };
        }

        private String quoted(boolean escapes) {
            StringBuilder value = new StringBuilder();
            at++;
            while (text.charAt(at) != '\'' || next() == '\'') {
                boolean pair = text.charAt(at) == '\'' || (escapes && text.charAt(at) == '\\');
                at += pair ? 1 : 0;
                value.append(text.charAt(at++));
            }
            at++;
            return value.toString();
        }

        private char next() {
            return at + 1 < text.length() ? text.charAt(at + 1) : ' ';
        }
    }
}
