package dev.neap.backfill;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is and who connects.
 *
 * @param engine `postgresql` or `mariadb`
 * @param host the server, never empty
 * @param port its port, 1 to 65535
 * @param database the database's name
 * @param user who connects
 * @param password null where none is known
 * @param options further driver properties (such as `sslmode`), never secret
 */
public record ConnectionTarget(
        String engine,
        String host,
        int port,
        String database,
        String user,
        @Nullable Secret password,
        Map<String, String> options) {
    public ConnectionTarget {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("a port is 1 to 65535, not " + port);
        }
        options = Map.copyOf(new TreeMap<>(options));
    }

    /** The address without the password, safe to print. */
    public String printable() {
        return engine + "://" + user + "@" + host + ":" + port + "/" + database;
    }

    /** The address alone: an option may hold what should not be printed. */
    @Override
    public String toString() {
        return printable();
    }
}
