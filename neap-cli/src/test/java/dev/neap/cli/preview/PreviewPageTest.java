package dev.neap.cli.preview;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.time.Instant;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class PreviewPageTest {
    private final String page = PreviewPage.of(Previews.sampled(), Instant.parse("2026-03-01T12:00:00Z"));

    /** Strict: an element that is not closed, or a value that opens one, is an error. */
    private Document parsed() throws Exception {
        String xml = page.replace("<!doctype html>\n", "").replaceAll("<meta ([^>]*)>", "<meta $1/>");
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
    }

    private static int count(Document document, String tag) {
        return document.getElementsByTagName(tag).getLength();
    }

    @Test
    void values_stay_values() throws Exception {
        Document document = parsed();

        assertThat(count(document, "script") + count(document, "img")).isZero();
        assertThat(count(document, "b")).as("none but the figures' own").isEqualTo(13);
        assertThat(document.getDocumentElement().getTextContent())
                .contains("it's <script>alert(\"1\")</script> & more")
                .contains("<img src=x onerror=alert(1)>")
                .contains("\\u001b[31mred\\u202e\\nnext");
    }

    @Test
    void needs_nothing_from_elsewhere() {
        assertThat(page)
                .contains("default-src 'none'; style-src 'unsafe-inline'")
                .doesNotContain("http:", "https:", "url(", "@import", "<link", "<script");
        assertThat(page.replaceAll("(?s)<style>.*?</style>", "")).doesNotContain(" href=", " style=");
    }

    @Test
    void every_picture_says_in_words_what_it_shows() throws Exception {
        NodeList pictures = parsed().getElementsByTagName("svg");

        assertThat(pictures.getLength()).isEqualTo(5);
        for (int i = 0; i < pictures.getLength(); i++) {
            Element picture = (Element) pictures.item(i);
            assertThat(picture.getAttribute("role")).isEqualTo("img");
            assertThat(picture.getAttribute("aria-label")).isNotBlank();
        }
    }

    @Test
    void every_bar_is_as_high_as_it_counts() throws Exception {
        NodeList bars = parsed().getElementsByTagName("rect");
        double highest = 0;
        double half = 0;
        for (int i = 0; i < bars.getLength(); i++) {
            Element bar = (Element) bars.item(i);
            String title = bar.getParentNode().getTextContent();
            if (title.startsWith("from 0.5 to under 1.0: 3,000")) {
                highest = Double.parseDouble(bar.getAttribute("height"));
            } else if (title.startsWith("from 0.0 to under 0.5: 1,500")) {
                half = Double.parseDouble(bar.getAttribute("height"));
            }
        }
        assertThat(highest).isPositive();
        assertThat(half).isEqualTo(highest / 2);
    }

    @Test
    void a_hidden_column_shows_that_it_changes_and_nothing_else() {
        assertThat(page).contains("<td class=\"none\">hidden, changes</td>", "Hidden: email.");
    }
}
