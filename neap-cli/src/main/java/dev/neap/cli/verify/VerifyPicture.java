package dev.neap.cli.verify;

import static dev.neap.cli.text.Html.escaped;

import dev.neap.verify.Sample;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyRequest.Scope;
import java.util.Locale;

/** The pictures of a verification, as SVG. Colours come from the page; each says in words what it shows. */
final class VerifyPicture {
    private static final int WIDTH = 720;
    private static final int SHARE_WIDTH = 160;

    /** An interval is drawn over so many times what the claim leaves open. */
    private static final double OPEN = 3;

    private VerifyPicture() {}

    /** All rows as one bar: what still differs, what was mended, and the rest. What is there is seen, however little it is. */
    static String rows(TableReport table) {
        double all = (double)
                Math.max(1, Math.max(table.rows().expected(), table.rows().actual()));
        double left = visible(table.left() / all * WIDTH);
        double mended = visible((table.differing() - table.left()) / all * WIDTH);
        String words = (table.scope() == Scope.AGGREGATES
                        ? "%d of %d rows are seen to differ, %d were mended"
                        : "%d of %d rows differ, %d were mended")
                .formatted(table.left(), (long) all, table.differing() - table.left());
        return """
                <svg class="rows" viewBox="0 0 %d 22" role="img" aria-label="%s" preserveAspectRatio="none">\
                <rect class="stays" width="%d" height="22"/><rect class="changes" width="%s" height="22"/>\
                <rect class="tail" x="%s" width="%s" height="22"/></svg>
                """.formatted(WIDTH, escaped(words), WIDTH, number(left), number(left), number(mended));
    }

    /** A part of what differs. */
    static String share(String what, long part, long all) {
        double width = visible((double) part / all * SHARE_WIDTH);
        return """
                <svg class="share" viewBox="0 0 %d 14" role="img" aria-label="%s"><rect class="stays" y="2" width="%d" \
                height="10" rx="2"/><rect class="changes" y="2" width="%s" height="10" rx="2"/></svg>\
                """.formatted(SHARE_WIDTH, escaped(what + ": " + part + " of " + all), SHARE_WIDTH, number(width));
    }

    /** Where the share of right rows lies, beside the claim; the right end is all rows. */
    static String interval(Sample sample) {
        double least = Math.min(1 - OPEN * (1 - sample.match()), sample.low());
        double low = place(sample.low(), least);
        double claim = place(sample.match(), least);
        return """
                <svg class="histogram" viewBox="0 0 %d 40" role="img" aria-label="%s">\
                <rect class="stays" y="8" width="%d" height="12"/><rect class="changes" x="%s" y="8" width="%s" height="12"/>\
                <line class="range" x1="%s" x2="%s" y1="2" y2="26"/>\
                <text class="label" x="%s" y="38" text-anchor="middle">the claim</text></svg>
                """.formatted(
                        WIDTH,
                        escaped("The share of right rows: " + VerifyText.share(sample)),
                        WIDTH,
                        number(low),
                        number(visible(place(sample.high(), least) - low)),
                        number(claim),
                        number(claim),
                        number(claim));
    }

    private static double place(double share, double least) {
        return (share - least) / (1 - least) * WIDTH;
    }

    private static double visible(double width) {
        return width <= 0 ? 0 : Math.max(1.5, width);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
