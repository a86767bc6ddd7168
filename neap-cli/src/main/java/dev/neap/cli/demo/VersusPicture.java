package dev.neap.cli.demo;

import dev.neap.cli.demo.VersusReport.Line;
import java.util.List;

/** The table as an SVG that needs nothing but itself. */
final class VersusPicture {
    private static final int LEFT = 150;
    private static final int COLUMN = 96;
    private static final int TOP = 108;
    private static final int ROW = 46;
    private static final int WIDTH = LEFT + COLUMN * VersusReport.HEADS.size() + 24;
    private static final String GOOD = "#1a7f37";
    private static final String BAD = "#cf222e";
    private static final String INK = "#1f2328";
    private static final String PALE = "#656d76";

    /** The first of the columns that count wrongs, where anything but zero is bad. */
    private static final int COUNTS = 4;

    private final VersusReport report;
    private final StringBuilder svg = new StringBuilder();

    private VersusPicture(VersusReport report) {
        this.report = report;
    }

    static String of(VersusReport report) {
        return new VersusPicture(report).draw();
    }

    private String draw() {
        int height = TOP + ROW * report.lines().size() + 42;
        svg.append("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" \
                font-family="system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif">
                <title>A partitioned table rebuilt under live traffic, in several ways</title>
                <rect x="0.5" y="0.5" width="%d" height="%d" rx="8" fill="#ffffff" stroke="#d1d9e0"/>
                """.formatted(WIDTH, height, WIDTH, height, WIDTH - 1, height - 1));
        text(
                20,
                34,
                "start",
                INK,
                "font-size=\"17\" font-weight=\"600\"",
                "The same rebuild under the same live traffic");
        text(20, 54, "start", PALE, "font-size=\"12\"", report.title());
        heads();
        for (int i = 0; i < report.lines().size(); i++) {
            line(report.lines().get(i), TOP + ROW * i);
        }
        text(
                20,
                height - 16,
                "start",
                PALE,
                "font-size=\"11\"",
                "Bars: the longest of their column is full. Measured by `neap demo --versus`.");
        return svg.append("</svg>\n").toString();
    }

    private void heads() {
        for (int column = 0; column < VersusReport.HEADS.size(); column++) {
            List<String> head = VersusReport.HEADS.get(column);
            text(right(column), TOP - 24, "end", PALE, "font-size=\"12\"", head.get(0));
            text(right(column), TOP - 10, "end", PALE, "font-size=\"12\"", head.get(1));
        }
    }

    private void line(Line line, int y) {
        svg.append("<line x1=\"20\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"#d1d9e0\"/>\n".formatted(WIDTH - 20, y, y));
        boolean ours = line.name().equals("Neap");
        text(20, y + 27, "start", INK, "font-size=\"14\" font-weight=\"" + (ours ? 700 : 400) + "\"", line.name());
        List<String> cells = line.cells();
        for (int column = 0; column < cells.size(); column++) {
            if (cells.get(column).isEmpty()) {
                continue;
            }
            boolean count = column >= COUNTS;
            String colour = !count || !line.rebuild() ? INK : cells.get(column).equals("0") ? GOOD : BAD;
            text(
                    right(column),
                    y + 25,
                    "end",
                    colour,
                    "font-size=\"14\"" + (count ? " font-weight=\"600\"" : ""),
                    cells.get(column));
            if (!count) {
                bar(column, y + 32, share(line, column));
            }
        }
    }

    private void bar(int column, int y, double share) {
        double width = Math.max(1.5, (COLUMN - 18) * share);
        svg.append("<rect x=\"%s\" y=\"%d\" width=\"%s\" height=\"4\" rx=\"2\" fill=\"#8c959f\"/>\n"
                .formatted(number(right(column) - width), y, number(width)));
    }

    private double share(Line line, int column) {
        double most = report.lines().stream()
                .mapToDouble(each -> value(each, column))
                .max()
                .orElse(1);
        return most <= 0 ? 0 : value(line, column) / most;
    }

    private static double value(Line line, int column) {
        return switch (column) {
            case 0 -> line.took().toNanos();
            case 1 -> line.during().longestRead().toNanos();
            case 2 -> line.during().longestWrite().toNanos();
            default -> line.during().p99().toNanos();
        };
    }

    private static int right(int column) {
        return LEFT + COLUMN * (column + 1);
    }

    private static String number(double value) {
        return String.format(java.util.Locale.ROOT, "%.1f", value);
    }

    private void text(int x, int y, String anchor, String colour, String style, String words) {
        svg.append("<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\" %s>%s</text>\n"
                .formatted(x, y, anchor, colour, style, escaped(words)));
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
