package dev.neap.cli.text;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values as people read them. */
public final class Text {
    private static final String[] BYTE_UNITS = {"kB", "MB", "GB", "TB", "PB"};

    private Text() {}

    /** `2,000,000`. */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** `1 row`, `2,000 rows`. */
    public static String count(long number, String singular) {
        return count(number) + " " + singular + (number == 1 ? "" : "s");
    }

    /** `12 bytes`, `410 MB`, `1.2 GB`; a kB is 1,024 bytes, as in PostgreSQL. */
    public static String bytes(long bytes) {
        if (bytes < 1024) {
            return count(bytes, "byte");
        }
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, BYTE_UNITS[unit]);
    }

    /** `350 ms`, `12 s`, `4 min 5 s`, `1 h 7 min`, `3 d 2 h`: two units at most. */
    public static String duration(Duration duration) {
        if (duration.isZero()) {
            return "0 s";
        }
        if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
            return duration.toMillis() + " ms";
        }
        if (duration.compareTo(Duration.ofSeconds(10)) < 0) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        long seconds = duration.toSeconds();
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return both(seconds / 60, "min", seconds % 60, "s");
        }
        return seconds < 86_400
                ? both(seconds / 3600, "h", seconds / 60 % 60, "min")
                : both(seconds / 86_400, "d", seconds / 3600 % 24, "h");
    }

    private static String both(long large, String largeUnit, long small, String smallUnit) {
        return large + " " + largeUnit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }

    /** Rows of cells as aligned lines, two spaces between columns; a column named in `right` is aligned right. */
    public static List<String> table(List<List<String>> rows, boolean... right) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String pad = " ".repeat(widths[i] - row.get(i).length());
                boolean toTheRight = i < right.length && right[i];
                line.append(i == 0 ? "" : "  ").append(toTheRight ? pad + row.get(i) : row.get(i) + pad);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** Every line of a text moved to the right. */
    public static String indent(String text, int spaces) {
        return text.strip().indent(spaces).stripTrailing();
    }

    /** The beginning of a text that fits, with three dots where something is left off. */
    public static String fit(String text, int width) {
        if (text.length() <= width) {
            return text;
        }
        return width <= 3 ? text.substring(0, Math.max(0, width)) : text.substring(0, width - 3) + "...";
    }

    /** On one line; what could be mistaken for a null or for nothing stands in quotes. */
    public static String value(@Nullable String value) {
        if (value == null) {
            return "null";
        }
        String visible = visible(value);
        boolean mistaken = value.isBlank()
                || value.equalsIgnoreCase("null")
                || value.equals("(hidden)")
                || !value.equals(value.strip());
        return mistaken ? "'" + visible + "'" : visible;
    }

    /** Without letters that move the cursor, colour the terminal or turn the direction of writing. */
    public static String visible(String value) {
        StringBuilder visible = new StringBuilder();
        value.codePoints().forEach(letter -> {
            int type = Character.getType(letter);
            boolean unseen = type == Character.CONTROL
                    || type == Character.FORMAT
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR
                    || type == Character.SURROGATE;
            switch (letter) {
                case '\n' -> visible.append("\\n");
                case '\t' -> visible.append("\\t");
                default -> {
                    if (unseen) {
                        visible.append(String.format(Locale.ROOT, "\\u%04x", letter));
                    } else {
                        visible.appendCodePoint(letter);
                    }
                }
            }
        });
        return visible.toString();
    }

    /** A key, whose values are told apart by commas. */
    public static String key(List<String> values) {
        return values.stream()
                .map(value -> value.contains(",") ? "'" + visible(value) + "'" : value(value))
                .collect(Collectors.joining(", "));
    }
}
