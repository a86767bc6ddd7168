package dev.neap.cli.preview;

import static dev.neap.cli.text.Html.escaped;

import dev.neap.cli.text.Html;
import dev.neap.cli.text.Text;
import dev.neap.preview.ColumnChange;
import dev.neap.preview.NumberChange;
import dev.neap.preview.Preview;
import dev.neap.preview.Preview.ChangedValue;
import dev.neap.preview.Preview.KeyValue;
import dev.neap.preview.Preview.SampleRow;
import dev.neap.preview.Scope;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A preview as one HTML page. It needs nothing but itself: no script, no font, no picture from elsewhere, and its policy
 * forbids the browser to fetch any.
 */
public final class PreviewPage {
    private final Preview preview;
    private final Scope scope;
    private final StringBuilder html = new StringBuilder();

    private PreviewPage(Preview preview) {
        this.preview = preview;
        this.scope = preview.scope();
    }

    /**
     * The whole page.
     *
     * @param at when it was made, to be read on it
     */
    public static String of(Preview preview, Instant at) {
        return new PreviewPage(preview).page(at);
    }

    private String page(Instant at) {
        String title =
                preview.backfill() + ": what would change in " + preview.unit().sql();
        html.append(Html.begin(title));
        head();
        columns();
        preview.columns().forEach(this::numbers);
        preview.samples().forEach(this::samples);
        add("</main>\n<footer>\n");
        if (!scope.full()) {
            add("<p>%s</p>\n", escaped(Figures.method(scope)));
        }
        if (!preview.hidden().isEmpty()) {
            add("<p>Hidden: %s.</p>\n", escaped(String.join(", ", preview.hidden())));
        }
        add(
                "<p>Made by <code>neap preview</code> on %s, read-only: nothing was changed. The rows shown are real ones;"
                        + " <code>--hide COLUMN</code> leaves a column's values out.</p>\n</footer>\n%s",
                at.truncatedTo(ChronoUnit.SECONDS), Html.END);
        return html.toString();
    }

    private void head() {
        add(
                "<h1>What <em>%s</em> would change</h1>\n<p class=\"pale\">in <code>%s</code> of <code>%s</code>,"
                        + " <code>%s</code>; looked at %s</p>\n",
                escaped(preview.backfill()),
                escaped(preview.unit().sql()),
                escaped(preview.table().sql()),
                escaped(preview.bound()),
                escaped(Figures.scope(preview)));
        preview.refusals()
                .forEach(finding -> add(
                        "<p class=\"note\" role=\"note\">A run would be refused: %s</p>\n", escaped(finding.what())));
        Preview.Rows rows = preview.rows();
        add("<ul class=\"figures\">\n");
        figure(Figures.percent(rows.changed().share()), "of the rows change", Figures.bounds(rows.changed(), scope));
        figure(Figures.percent(rows.unchanged().share()), "stay as they are", Figures.bounds(rows.unchanged(), scope));
        if (preview.alreadyRight() != null) {
            figure(
                    Figures.percent(preview.alreadyRight().share()),
                    "are already right",
                    Figures.bounds(preview.alreadyRight(), scope));
        }
        figure(Text.count(rows.added().count()), "new rows", "");
        figure(Text.count(rows.gone().count()), "rows gone", "");
        add("</ul>\n%s", Pictures.rows(rows));
    }

    private void figure(String figure, String what, String bounds) {
        add(
                "<li><b>%s</b>%s%s</li>\n",
                escaped(figure), escaped(what), bounds.isEmpty() ? "" : "<small>" + escaped(bounds) + "</small>");
    }

    private void columns() {
        add("""
                <section>
                <h2>Columns</h2>
                <div class="wide"><table>
                <thead><tr><th scope="col">column</th><th scope="col">type</th><th scope="col">changes in</th>\
                <th scope="col"><span class="pale">share</span></th><th scope="col" class="number">rows</th>\
                <th scope="col" class="number">becomes null</th><th scope="col" class="number">no longer null</th></tr></thead>
                <tbody>
                """);
        for (ColumnChange column : preview.columns()) {
            add(
                    "<tr><th scope=\"row\">%s%s</th><td>%s</td><td>%s</td><td class=\"line\">%s</td><td class=\"number\">%s</td>"
                            + "<td class=\"number\">%s</td><td class=\"number\">%s</td></tr>\n",
                    value(column.column()),
                    column.generated() ? " <span class=\"pale\">generated</span>" : "",
                    escaped(column.type()),
                    Pictures.share(column.changed(), scope),
                    escaped(Figures.share(column.changed(), scope)),
                    Text.count(column.changed().count()),
                    Text.count(column.nullsAppear().count()),
                    Text.count(column.nullsDisappear().count()));
        }
        add("</tbody>\n</table></div>\n</section>\n");
    }

    private void numbers(ColumnChange column) {
        NumberChange numbers = column.numbers();
        if (numbers == null) {
            return;
        }
        add("<section>\n<h2>%s, after − before</h2>\n", value(column.column()));
        NumberChange.Differences differences = numbers.differences();
        if (differences == null) {
            add("<p>No number changes.</p>\n");
        } else {
            add("%s", Pictures.histogram(column.column(), differences));
        }
        add("<ul class=\"figures\">\n");
        if (differences != null) {
            figure(Figures.number(differences.min()), "minimum", "");
            figure(Figures.number(differences.p5()), "5th percentile", "");
            figure(Figures.number(differences.p50()), "median", "");
            figure(Figures.number(differences.p95()), "95th percentile", "");
            figure(Figures.number(differences.max()), "maximum", "");
            figure(Figures.mean(differences.mean()), "mean", "");
        }
        figure(Figures.number(numbers.sumBefore()), "sum before", "");
        figure(
                Figures.number(numbers.sumAfter()),
                "sum after",
                Figures.growth(numbers.sumBefore(), numbers.sumAfter()));
        add("</ul>\n");
        if (numbers.notMeasured() > 0) {
            add(
                    "<p class=\"pale\">%s from or to NaN or infinity, not counted.</p>\n",
                    escaped(Text.count(numbers.notMeasured(), "change")));
        }
        add("</section>\n");
    }

    private void samples(Preview.Samples samples) {
        add(
                "<section>\n<h2>Rows: %s</h2>\n<div class=\"wide\"><table>\n<caption>%s of %s, chosen at random</caption>\n",
                escaped(Figures.kind(samples.kind())),
                Text.count(samples.shown().size()),
                Text.count(samples.rows()));
        if (!samples.shown().isEmpty()) {
            SampleRow first = samples.shown().get(0);
            add("<thead><tr>");
            first.key().forEach(key -> add("<th scope=\"col\">%s</th>", value(key.column())));
            first.values().forEach(value -> add("<th scope=\"col\">%s</th>", value(value.column())));
            add("</tr></thead>\n");
        }
        add("<tbody>\n");
        samples.shown().forEach(row -> row(row, samples.kind()));
        add("</tbody>\n</table></div>\n</section>\n");
    }

    private void row(SampleRow row, Preview.Kind kind) {
        add("<tr>");
        for (KeyValue key : row.key()) {
            add("<th scope=\"row\"><span class=\"value\">%s</span></th>", escaped(Figures.key(key)));
        }
        row.values().forEach(value -> cell(value, kind));
        add("</tr>\n");
    }

    private void cell(ChangedValue value, Preview.Kind kind) {
        if (value.hidden()) {
            add("<td class=\"none\">hidden%s</td>", value.changed() ? ", changes" : "");
        } else if (value.changed()) {
            add(
                    "<td><del>%s</del> <span aria-hidden=\"true\">→</span> <ins>%s</ins></td>",
                    escaped(Figures.before(value)), escaped(Figures.after(value)));
        } else {
            add("<td class=\"same\"><span class=\"value\">%s</span></td>", escaped(Figures.only(value, kind)));
        }
    }

    private static String value(String name) {
        return "<code>" + escaped(Text.value(name)) + "</code>";
    }

    /** Words that are escaped already take the place of each %s. */
    private void add(String frame, Object... words) {
        html.append(Html.filled(frame, words));
    }
}
