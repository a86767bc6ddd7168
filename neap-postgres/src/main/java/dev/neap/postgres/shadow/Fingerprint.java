package dev.neap.postgres.shadow;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;

/**
 * A hash of everything in the catalog that a shadow copies from its live partition, and that the swap relies on. When it
 * is the same under the swap's locks as when the definition was read, the definition still holds.
 */
public final class Fingerprint {
    private static final String RESOURCE = "/dev/neap/postgres/control/V004__fingerprint_of_ancestors.sql";
    private static final String FUNCTION = read();

    private Fingerprint() {}

    /** The hash, in hex. Needs no function in the database, so that a dry run can have it; the same as the function's. */
    public static String of(Connection connection, long liveOid, long parentOid) throws SQLException {
        int from = FUNCTION.indexOf("RETURN (") + "RETURN (".length();
        String query = FUNCTION.substring(from, FUNCTION.indexOf("\n);\nEND\n"));
        try (Catalog catalog = new Catalog(connection, Map.of())) {
            return catalog.one(query.replace("$1", liveOid + "::oid").replace("$2", parentOid + "::oid"));
        }
    }

    /** The statements that make `neap.fingerprint(live oid, parent oid)`, for the owner of the schema `neap`. */
    public static String sql() {
        return FUNCTION;
    }

    private static String read() {
        try (InputStream in = Fingerprint.class.getResourceAsStream(RESOURCE)) {
            return new String(Objects.requireNonNull(in, RESOURCE).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
