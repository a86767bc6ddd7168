package dev.neap.server;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where to listen, as people write it: `9187`, `0.0.0.0:9187` or `[::1]:9187`.
 *
 * @param host a name or an address; without one this machine alone can ask
 * @param port 0 to 65535; 0 takes a free one
 */
public record ListenAddress(String host, int port) {
    private static final Pattern WRITTEN = Pattern.compile("(?:(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9.-]+):)?(\\d{1,5})");
    private static final int MOST = 65_535;

    /** The address, or empty when the text is none. */
    public static Optional<ListenAddress> parse(String text) {
        Matcher written = WRITTEN.matcher(text.strip());
        if (!written.matches() || Integer.parseInt(written.group(2)) > MOST) {
            return Optional.empty();
        }
        String host = written.group(1) == null ? "localhost" : written.group(1);
        return Optional.of(new ListenAddress(host.replaceAll("[\\[\\]]", ""), Integer.parseInt(written.group(2))));
    }
}
