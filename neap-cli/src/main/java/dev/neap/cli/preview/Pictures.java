package dev.neap.cli.preview;

import static dev.neap.cli.text.Html.escaped;

import dev.neap.cli.text.Text;
import dev.neap.preview.NumberChange;
import dev.neap.preview.Preview;
import dev.neap.preview.Scope;
import dev.neap.preview.Share;
import java.util.Locale;

/** The pictures of a page, as SVG inside it. Colours come from the page; each picture says in words what it shows. */
final class Pictures {
    private static final int WIDTH = 720;
    private static final int PLOT_HEIGHT = 150;
    private static final int TOP = 22;
    private static final int LEFT = 8;

    private Pictures() {}

    /** What becomes of the rows, as one bar in parts. */
    static String rows(Preview.Rows rows) {
        double changed = rows.changed().share() * WIDTH;
        String words = "%s of the rows change, %s stay as they are"
                .formatted(
                        Figures.percent(rows.changed().share()),
                        Figures.percent(rows.unchanged().share()));
        return """
                <svg class="rows" viewBox="0 0 %d 22" role="img" aria-label="%s" preserveAspectRatio="none">\
                <rect class="stays" width="%d" height="22"/><rect class="changes" width="%s" height="22"/></svg>
                """.formatted(WIDTH, escaped(words), WIDTH, number(visible(changed)));
    }

    /** A share as a bar, with a line over the range between its bounds. */
    static String share(Share share, Scope scope) {
        double width = 160;
        String words = Figures.share(share, scope);
        String bounds = scope.full()
                ? ""
                : "<line class=\"range\" x1=\"%s\" x2=\"%s\" y1=\"7\" y2=\"7\"/>"
                        .formatted(number(share.low() * width), number(share.high() * width));
        return """
                <svg class="share" viewBox="0 0 160 14" role="img" aria-label="%s"><rect class="stays" y="2" width="160" \
                height="10" rx="2"/><rect class="changes" y="2" width="%s" height="10" rx="2"/>%s</svg>\
                """.formatted(escaped(words), number(visible(share.share() * width)), bounds);
    }

    /** How often differences fall where, with the middle nine tenths marked below. */
    static String histogram(String column, NumberChange.Differences differences) {
        NumberChange.Histogram histogram = differences.histogram();
        int tails = (histogram.below() > 0 ? 1 : 0) + (histogram.above() > 0 ? 1 : 0);
        int places = histogram.bars().size() + tails;
        double step = (WIDTH - 2.0 * LEFT) / Math.max(places, 6);
        long most = Math.max(
                Math.max(histogram.below(), histogram.above()),
                histogram.bars().stream()
                        .mapToLong(NumberChange.Bar::count)
                        .max()
                        .orElse(1));
        StringBuilder svg = new StringBuilder();
        svg.append("<svg class=\"histogram\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
                .formatted(
                        WIDTH,
                        TOP + PLOT_HEIGHT + 26,
                        escaped("How often " + column + " changes by how much: from "
                                + Figures.number(differences.min()) + " to " + Figures.number(differences.max())
                                + ", median " + Figures.number(differences.p50()))));
        svg.append("<line class=\"axis\" x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n"
                .formatted(WIDTH, TOP + PLOT_HEIGHT, TOP + PLOT_HEIGHT));
        double x = LEFT;
        if (histogram.below() > 0) {
            String from = Figures.number(histogram.bars().get(0).from());
            bar(svg, x, step, histogram.below(), most, "tail", "below " + from);
            label(svg, x + step / 2, "middle", "less");
            x += step;
        }
        double first = x;
        for (NumberChange.Bar bar : histogram.bars()) {
            String where = "from " + Figures.number(bar.from()) + " to under " + Figures.number(bar.to());
            bar(svg, x, step, bar.count(), most, "changes", where);
            x += step;
        }
        int each = Math.max(1, (histogram.bars().size() + 5) / 6);
        for (int i = 0; i < histogram.bars().size(); i += each) {
            label(
                    svg,
                    first + i * step,
                    "start",
                    Figures.number(histogram.bars().get(i).from()));
        }
        if (histogram.above() > 0) {
            String from = Figures.number(
                    histogram.bars().get(histogram.bars().size() - 1).to());
            bar(svg, x, step, histogram.above(), most, "tail", "from " + from + " on");
            label(svg, x + step / 2, "middle", "more");
        }
        return svg.append("</svg>\n").toString();
    }

    private static void bar(
            StringBuilder svg, double x, double step, long count, long most, String style, String where) {
        double height = count == 0 ? 0 : Math.max(1.5, (double) count / most * PLOT_HEIGHT);
        double y = TOP + PLOT_HEIGHT - height;
        svg.append("<g><title>%s: %s</title><rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>"
                .formatted(
                        escaped(where),
                        Text.count(count),
                        style,
                        number(x + 1),
                        number(y),
                        number(Math.max(1, step - 2)),
                        number(height)));
        if (count > 0) {
            svg.append("<text class=\"count\" x=\"%s\" y=\"%s\" text-anchor=\"middle\">%s</text>"
                    .formatted(number(x + step / 2), number(y - 4), shortCount(count)));
        }
        svg.append("</g>\n");
    }

    private static void label(StringBuilder svg, double x, String anchor, String words) {
        svg.append("<text class=\"label\" x=\"%s\" y=\"%d\" text-anchor=\"%s\">%s</text>\n"
                .formatted(number(x), TOP + PLOT_HEIGHT + 17, anchor, escaped(words)));
    }

    /** Small enough to stand over a bar: `950`, `12k`, `3.4M`. */
    private static String shortCount(long count) {
        if (count < 10_000) {
            return String.valueOf(count);
        }
        return count < 1_000_000 ? Math.round(count / 1e3) + "k" : String.format(Locale.ROOT, "%.1fM", count / 1e6);
    }

    /** What is there is seen, however little it is. */
    private static double visible(double width) {
        return width <= 0 ? 0 : Math.max(1.5, width);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
