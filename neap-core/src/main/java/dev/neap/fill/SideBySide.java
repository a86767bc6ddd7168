package dev.neap.fill;

import java.util.ArrayList;
import java.util.List;

/** Two texts beside each other, cut where they are too wide or too long. */
final class SideBySide {
    private static final int WIDTH = 76;
    private static final int LINES = 30;

    private SideBySide() {}

    static String of(String leftTitle, String left, String rightTitle, String right) {
        List<String> lefts = lines(leftTitle, left);
        List<String> rights = lines(rightTitle, right);
        int width = lefts.stream().mapToInt(String::length).max().orElse(0);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < Math.max(lefts.size(), rights.size()); i++) {
            String one = i < lefts.size() ? lefts.get(i) : "";
            String other = i < rights.size() ? rights.get(i) : "";
            all.append((one + " ".repeat(width - one.length()) + " | " + other).stripTrailing())
                    .append('\n');
        }
        return all.toString().stripTrailing();
    }

    private static List<String> lines(String title, String text) {
        List<String> lines = new ArrayList<>();
        lines.add(title);
        text.lines()
                .limit(LINES)
                .map(line -> line.length() > WIDTH ? line.substring(0, WIDTH - 1) + "…" : line)
                .forEach(lines::add);
        if (text.lines().count() > LINES) {
            lines.add("…");
        }
        return lines;
    }
}
