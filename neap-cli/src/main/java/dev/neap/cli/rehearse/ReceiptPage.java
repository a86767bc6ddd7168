package dev.neap.cli.rehearse;

import java.time.temporal.ChronoUnit;

/** A receipt as one HTML page that needs nothing but itself. */
public final class ReceiptPage {
    private ReceiptPage() {}

    static String of(Receipt receipt) {
        StringBuilder rows = new StringBuilder();
        for (ReceiptLines.Line line : ReceiptLines.of(receipt)) {
            rows.append("<tr><th scope=\"row\">")
                    .append(escaped(line.name()))
                    .append("</th><td>")
                    .append(escaped(line.text()))
                    .append("</td></tr>\n");
        }
        return """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
                <meta name="referrer" content="no-referrer">
                <title>""" + "Rehearsal of " + escaped(receipt.backfill()) + """
                </title>
                <style>
                :root { color-scheme: light dark; }
                body { font: 1rem/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
                table { border-collapse: collapse; width: 100%; }
                th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0;
                  border-bottom: 1px solid #8886; overflow-wrap: anywhere; }
                th { white-space: nowrap; font-weight: 600; }
                .verdict { border: 2px solid; padding: .5rem 1rem; font-weight: 600; }
                @media print { body { margin: 0; } }
                </style>
                </head>
                <body>
                <main>
                <h1>Rehearsal of <em>""" + escaped(receipt.backfill())
                + "</em></h1>\n<p class=\"verdict\">"
                + escaped(ReceiptLines.headline(receipt)) + "</p>\n<table>\n<tbody>\n" + rows
                + "</tbody>\n</table>\n</main>\n<footer>\n<p>" + escaped(ReceiptLines.METHOD)
                + "</p>\n<p>Made by <code>neap rehearse</code> on "
                + receipt.at().truncatedTo(ChronoUnit.SECONDS)
                + "; the source was read and not written.</p>\n</footer>\n</body>\n</html>\n";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
