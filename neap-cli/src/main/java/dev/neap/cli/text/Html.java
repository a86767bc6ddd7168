package dev.neap.cli.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * What every page of Neap's is made of. A page needs nothing but itself: no script, no font, no picture from elsewhere, and its
 * policy forbids the browser to fetch any.
 */
public final class Html {
    /** The end of a page, behind its footer. */
    public static final String END = "</body>\n</html>\n";

    private Html() {}

    /** The beginning of a page, up to its main part. */
    public static String begin(String title) {
        return filled("""
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
                <meta name="referrer" content="no-referrer">
                <title>%s</title>
                <style>
                %s</style>
                </head>
                <body>
                <main>
                """, escaped(title), css());
    }

    /** A text as it may stand in an element or in a quoted attribute. */
    public static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** Words that are escaped already take the place of each %s. */
    public static String filled(String frame, Object... words) {
        StringBuilder html = new StringBuilder();
        int at = 0;
        for (Object word : words) {
            int hole = frame.indexOf("%s", at);
            html.append(frame, at, hole).append(word);
            at = hole + 2;
        }
        return html.append(frame, at, frame.length()).toString();
    }

    private static String css() {
        try (InputStream css = Objects.requireNonNull(Html.class.getResourceAsStream("page.css"))) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
