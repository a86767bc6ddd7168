package dev.neap.cli.verify;

import static dev.neap.cli.text.Html.escaped;

import dev.neap.cli.text.Html;
import dev.neap.cli.text.Text;
import dev.neap.dialect.SecondWrites;
import dev.neap.verify.Claim;
import dev.neap.verify.Mismatch;
import dev.neap.verify.Sample;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest.Scope;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Collectors;

/**
 * A verification as one HTML page. It needs nothing but itself: no script, no font, no picture from elsewhere, and its policy
 * forbids the browser to fetch any. It holds keys of rows that differ, and none of their other values.
 */
public final class VerifyPage {
    private final StringBuilder html = new StringBuilder();

    private VerifyPage() {}

    /**
     * The whole page.
     *
     * @param at when it was made, to be read on it
     */
    public static String of(VerifyReport report, Instant at) {
        VerifyPage page = new VerifyPage();
        page.html.append(Html.begin(report.backfill() + ": verification"));
        page.add(
                "<h1>Verification of <em>%s</em></h1>\n<p class=\"note\" role=\"note\">%s</p>\n",
                escaped(report.backfill()),
                report.proved()
                        ? "Every claim below holds."
                        : "Not proved: see below what differs, or was not compared.");
        report.tables().forEach(page::table);
        page.assertions(report);
        page.readers(report);
        page.add(
                "</main>\n<footer>\n<p>Made by <code>neap verify</code> on %s, in %s. %s of"
                        + " their canonical form, in the database; %s.</p>\n</footer>\n%s",
                at.truncatedTo(ChronoUnit.SECONDS),
                escaped(Text.duration(report.took())),
                report.tables().stream().anyMatch(table -> table.scope() == Scope.AGGREGATES)
                        ? "Parts of the tables are compared by aggregates, and rows of those that differ by the SHA-256"
                        : "Rows are compared by the SHA-256",
                report.tables().stream().anyMatch(TableReport::replaced)
                        ? "rows that somebody has written since the swap are left out"
                        : "a row that differs counts when it still does under a lock, after the time that an application's"
                                + " second write may take",
                Html.END);
        return page.html.toString();
    }

    private void table(TableReport table) {
        add("<section>\n<h2>%s</h2>\n", escaped(VerifyText.name(table)));
        add("<p><strong>%s</strong></p>\n", escaped(VerifyText.result(table)));
        Sample sample = table.sample();
        html.append(sample == null ? VerifyPicture.rows(table) : VerifyPicture.interval(sample));
        add("<ul class=\"figures\">\n");
        TableReport.Rows rows = table.rows();
        figure(rows.expected(), VerifyText.compared(table.scope()));
        if (table.scope() == Scope.EVERY_ROW || table.scope() == Scope.AGGREGATES) {
            figure(rows.actual(), "rows there");
        }
        figure(table.differing(), "differ");
        if (table.fix() != null && table.fix().sql().isEmpty()) {
            figure(table.differing() - table.left(), "of these mended");
        }
        figure(rows.settled(), "differed at first, and no longer");
        if (rows.skipped() > 0) {
            figure(rows.skipped(), "not compared: already_right calls them right");
        }
        if (rows.written() > 0) {
            figure(rows.written(), "not compared: written since the swap");
        }
        add("</ul>\n");
        if (sample != null) {
            add("<p>%s</p>\n", escaped("Of all rows " + VerifyText.share(sample) + "."));
        }
        SecondWrites writes = table.writes();
        if (writes != null && writes.rows() > 0) {
            add("<p>Both places: %s.</p>\n", escaped(VerifyText.both(writes)));
        }
        TableReport.Sittings sittings = table.sittings();
        if (sittings != null) {
            add(
                    "<p>Compared in %s sittings. Before: %s. This time: %s.</p>\n",
                    sittings.number(), escaped(VerifyText.before(sittings)), escaped(VerifyText.now(sittings)));
        }
        if (!table.claims().isEmpty()) {
            claims(table);
        }
        table.notes().forEach(note -> add("<p class=\"pale\">Note: %s.</p>\n", escaped(note)));
        kinds(table);
        named(table);
        add("</section>\n");
    }

    private void assertions(VerifyReport report) {
        if (report.assertions().isEmpty()) {
            return;
        }
        add("<section>\n<h2>Assertions of the file</h2>\n");
        head("Each is one query, which must say true", "assertion", "result", "SQL");
        report.assertions()
                .forEach(assertion -> add(
                        "<tr><th scope=\"row\">%s</th><td>%s</td><td><code>%s</code></td></tr>\n",
                        escaped(assertion.name()),
                        escaped(VerifyText.holds(assertion)),
                        escaped(assertion.sql().strip())));
        add("</tbody>\n</table></div>\n</section>\n");
    }

    private void readers(VerifyReport report) {
        if (report.readers().isEmpty()) {
            return;
        }
        add(
                "<section>\n<h2>Readers that meet NULL, or no row</h2>\n<p>As it was kept with the newest run:</p>\n<ul>\n");
        report.readers().forEach(one -> add("<li>%s</li>\n", escaped(one)));
        add("</ul>\n</section>\n");
    }

    private void figure(long figure, String what) {
        add("<li><b>%s</b>%s</li>\n", Text.count(figure), escaped(what));
    }

    private void claims(TableReport table) {
        head("What each column was compared with", "columns", "compared");
        for (Claim claim : table.claims()) {
            add(
                    "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n",
                    claim.columns().stream()
                            .map(column -> "<code>" + escaped(column) + "</code>")
                            .collect(Collectors.joining(", ")),
                    escaped(VerifyText.basis(claim.basis())));
        }
        add("</tbody>\n</table></div>\n");
    }

    private void kinds(TableReport table) {
        if (table.differing() == 0) {
            return;
        }
        TableReport.Fix fix = table.fix();
        head("Rows that differ", "how", "rows", "of these mended", "share of all that differ");
        table.differences().forEach((kind, number) -> {
            if (number > 0) {
                add(
                        "<tr><th scope=\"row\">%s</th><td class=\"number\">%s</td><td class=\"number\">%s</td><td>%s</td></tr>\n",
                        escaped(VerifyText.words(kind)),
                        Text.count(number),
                        Text.count(fix == null ? 0 : fix.mended().getOrDefault(kind, 0L)),
                        VerifyPicture.share(VerifyText.words(kind), number, table.differing()));
            }
        });
        add("</tbody>\n</table></div>\n");
    }

    private void named(TableReport table) {
        if (table.named().isEmpty()) {
            return;
        }
        head(
                Text.count(table.named().size()) + " of " + Text.count(table.differing())
                        + ", in the order in which they" + " were found",
                "key",
                "how",
                "columns",
                "what became of it");
        for (Mismatch mismatch : table.named()) {
            add(
                    "<tr><th scope=\"row\"><span class=\"value\">%s</span></th><td>%s</td><td>%s</td><td>%s</td></tr>\n",
                    escaped(Text.key(mismatch.key())),
                    escaped(VerifyText.words(mismatch.kind())),
                    escaped(String.join(", ", mismatch.columns())),
                    escaped(mismatch.mended() ? "mended" : Text.visible(mismatch.cause())));
        }
        add("</tbody>\n</table></div>\n");
    }

    private void head(String caption, String... columns) {
        add("<div class=\"wide\"><table>\n<caption>%s</caption>\n<thead><tr>", escaped(caption));
        for (String column : columns) {
            add("<th scope=\"col\">%s</th>", escaped(column));
        }
        add("</tr></thead>\n<tbody>\n");
    }

    /** Words that are escaped already take the place of each %s. */
    private void add(String frame, Object... words) {
        html.append(Html.filled(frame, words));
    }
}
