package dev.neap.postgres.shadow;

/**
 * A column of the key by which a changed row is found again.
 *
 * @param name without quotes
 * @param quoted as SQL wants it
 * @param type its SQL type, qualified, with its modifier
 * @param equal the operator of the key's index: `=`, or qualified where it is not one of the server's own, since neither
 *     a trigger nor a session need have its schema in the search path
 */
public record KeyColumn(String name, String quoted, String type, String equal) {
    private static final String PLAIN = "=";

    /** Whether `=` says it wherever it stands. */
    public boolean plain() {
        return equal.equals(PLAIN);
    }

    /** The condition that two values of it are the same key. */
    public String same(String one, String other) {
        return one + " " + equal + " " + other;
    }
}
