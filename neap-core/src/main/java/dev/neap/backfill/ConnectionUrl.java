package dev.neap.backfill;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection URL taken to pieces; what it does not say is null. No message repeats any of its text, which may be a
 * secret.
 *
 * @param engine `postgresql` or `mariadb`
 * @param options its query, without host, port, database, user and password
 */
record ConnectionUrl(
        String engine,
        @Nullable String host,
        @Nullable String port,
        @Nullable String database,
        @Nullable String user,
        @Nullable String password,
        Map<String, String> options) {
    private static final String ENCODE =
            "; in a URL the characters @ : / ? # % of a user or password are written %40 %3A %2F %3F %23 %25";

    static final String POSTGRESQL = "postgresql";
    static final String MARIADB = "mariadb";

    private static final Map<String, String> ENGINES = Map.of(
            "postgresql:", POSTGRESQL,
            "postgres:", POSTGRESQL,
            "jdbc:postgresql:", POSTGRESQL,
            "mariadb:", MARIADB,
            "jdbc:mariadb:", MARIADB,
            "mysql:", MARIADB);

    static final ConnectionUrl EMPTY = new ConnectionUrl(POSTGRESQL, null, null, null, null, null, Map.of());

    static ConnectionUrl parse(String text, Placeholders values) {
        String scheme = scheme(text);
        String rest = text.substring(scheme.length());
        String query = "";
        int question = rest.indexOf('?');
        if (question >= 0) {
            query = rest.substring(question + 1);
            rest = rest.substring(0, question);
        }
        Map<String, String> options = options(query, values);
        String authority = "";
        String path = rest;
        if (rest.startsWith("//")) {
            int slash = rest.indexOf('/', 2);
            authority = rest.substring(2, slash < 0 ? rest.length() : slash);
            path = slash < 0 ? "" : rest.substring(slash + 1);
        }
        int at = authority.lastIndexOf('@');
        String[] who = at < 0 ? new String[] {} : authority.substring(0, at).split(":", 2);
        String[] where = hostAndPort(values.fill(authority.substring(at + 1)));
        return new ConnectionUrl(
                String.valueOf(ENGINES.get(scheme)),
                first(options.remove("host"), decode(where[0], values)),
                first(options.remove("port"), where[1]),
                first(options.remove("dbname"), decode(path, values)),
                first(options.remove("user"), who.length > 0 ? decode(who[0], values) : null),
                first(options.remove("password"), who.length > 1 ? decode(who[1], values) : null),
                options);
    }

    private static String scheme(String text) {
        return ENGINES.keySet().stream()
                .filter(text::startsWith)
                .findFirst()
                .orElseThrow(() -> new BackfillException(
                        "this is no connection URL that Neap knows; write postgresql://user@host:5432/database or"
                                + " mariadb://user@host:3306/database"));
    }

    private static String[] hostAndPort(String text) {
        if (text.contains(",")) {
            throw new BackfillException("the URL names several hosts; Neap needs the one primary");
        }
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            if (end < 0) {
                throw new BackfillException("the URL's IPv6 address has no closing ']'");
            }
            String port = text.substring(end + 1);
            return new String[] {text.substring(1, end), port.startsWith(":") ? port.substring(1) : ""};
        }
        int colon = text.indexOf(':');
        return colon < 0 ? new String[] {text, ""} : new String[] {text.substring(0, colon), text.substring(colon + 1)};
    }

    private static Map<String, String> options(String query, Placeholders values) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            if (!pair.isEmpty()) {
                String[] both = pair.split("=", 2);
                options.put(decode(both[0], values), both.length == 2 ? decode(both[1], values) : "");
            }
        }
        return options;
    }

    private static @Nullable String first(@Nullable String one, @Nullable String other) {
        String chosen = one == null || one.isEmpty() ? other : one;
        return chosen == null || chosen.isEmpty() ? null : chosen;
    }

    /** Percent-decodes what was typed, and only then puts in what placeholders stand for. A plus stays a plus. */
    private static String decode(String text, Placeholders values) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[bytes.length];
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                out[length++] = bytes[i];
                continue;
            }
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new BackfillException("the URL has a % that is followed by no two hex digits" + ENCODE);
            }
            out[length++] = (byte) (high * 16 + low);
            i += 2;
        }
        return values.fill(new String(out, 0, length, StandardCharsets.UTF_8));
    }

    /** The port as a number. */
    static int port(String text, String where) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 1 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Falls through: the text may be a piece of a password, so it is not repeated.
        }
        throw new BackfillException("the port in " + where + " is no number from 1 to 65535" + ENCODE);
    }
}
