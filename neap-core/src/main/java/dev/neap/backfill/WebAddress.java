package dev.neap.backfill;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A URL as it is written in a backfill file: placeholders are not looked up yet. It never shows what may be a secret: a
 * password, and whatever follows a question mark.
 */
public final class WebAddress {
    private static final String SCHEME = "^https?://.*";

    private final String written;

    private WebAddress(String written) {
        this.written = written;
    }

    /** The address, or empty when the text is none: neither http nor https, nor a placeholder for the whole. */
    public static Optional<WebAddress> parse(String text) {
        String trimmed = text.strip();
        return trimmed.matches(SCHEME) || trimmed.startsWith("${")
                ? Optional.of(new WebAddress(trimmed))
                : Optional.empty();
    }

    /** Whether a password is typed into it. */
    boolean plainPassword() {
        return !Connections.mask(written).equals(written);
    }

    /**
     * Where to ask, and as whom.
     *
     * @param uri without user and password
     * @param authorization the value of the header of this name; null for none
     */
    public record Target(URI uri, @Nullable Secret authorization) {
        /** The header's value itself, for the request alone; empty for none. */
        public String header() {
            return authorization == null ? "" : authorization.reveal();
        }
    }

    /**
     * Looks up the placeholders.
     *
     * @throws BackfillException when one is missing, or this is no URL; it repeats nothing of a secret
     */
    public Target target(Environment environment) {
        Placeholders values = Placeholders.of(written, environment);
        String text = values.marked();
        if (text.startsWith("\u0001")) {
            text = values.fill(text).strip();
        }
        if (!text.matches(SCHEME)) {
            throw wrong();
        }
        int begin = text.indexOf("://") + 3;
        int slash = text.indexOf('/', begin);
        int at = text.substring(begin, slash < 0 ? text.length() : slash).lastIndexOf('@');
        String user = at < 0 ? "" : values.fill(text.substring(begin, begin + at));
        String rest = values.fill(text.substring(0, begin) + text.substring(at < 0 ? begin : begin + at + 1));
        try {
            URI uri = new URI(rest);
            if (uri.getHost() != null) {
                return new Target(uri, user.isEmpty() ? null : basic(user));
            }
        } catch (URISyntaxException e) {
            // The text may be a secret, so it is not repeated.
        }
        throw wrong();
    }

    private BackfillException wrong() {
        return new BackfillException(this + " is no URL that can be asked; write http://host:port/path or https://…");
    }

    private static Secret basic(String user) {
        return new Secret("Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WebAddress address && address.written.equals(written);
    }

    @Override
    public int hashCode() {
        return written.hashCode();
    }

    /** Without what may be a secret. */
    @Override
    public String toString() {
        int question = written.indexOf('?');
        return Connections.mask(question < 0 ? written : written.substring(0, question) + "?…");
    }
}
