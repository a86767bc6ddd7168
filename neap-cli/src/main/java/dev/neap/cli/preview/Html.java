package dev.neap.cli.preview;

/** Text in HTML. */
final class Html {
    private Html() {}

    /** A text as it may stand in an element or in a quoted attribute. */
    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
