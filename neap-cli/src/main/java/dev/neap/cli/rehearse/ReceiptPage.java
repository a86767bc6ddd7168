package dev.neap.cli.rehearse;

import static dev.neap.cli.text.Html.escaped;

import dev.neap.cli.text.Html;
import java.time.temporal.ChronoUnit;

/** A receipt as one HTML page that needs nothing but itself. */
public final class ReceiptPage {
    private ReceiptPage() {}

    static String of(Receipt receipt) {
        StringBuilder rows = new StringBuilder();
        for (ReceiptLines.Line line : ReceiptLines.of(receipt)) {
            rows.append(Html.filled(
                    "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", escaped(line.name()), escaped(line.text())));
        }
        String title = "Rehearsal of " + receipt.backfill();
        return Html.filled(
                """
                %s<h1>Rehearsal of <em>%s</em></h1>
                <p class="note" role="note"><strong>%s</strong></p>
                <table>
                <tbody>
                %s</tbody>
                </table>
                </main>
                <footer>
                <p>%s</p>
                <p>Made by <code>neap rehearse</code> on %s; the source was read and not written.</p>
                </footer>
                %s""",
                Html.begin(title),
                escaped(receipt.backfill()),
                escaped(ReceiptLines.headline(receipt)),
                rows,
                escaped(ReceiptLines.METHOD),
                receipt.at().truncatedTo(ChronoUnit.SECONDS),
                Html.END);
    }
}
