package dev.neap.postgres.shadow;

/**
 * A column of the key by which a changed row is found again.
 *
 * @param name without quotes
 * @param quoted as SQL wants it
 * @param type its SQL type, qualified, with its modifier
 * @param equal the operator of the key's index: `=`, or qualified where it is not one of the server's own, since neither
 *     a trigger nor a session need have its schema in the search path
 * @param collate ` COLLATE …` where its collation is not that of its type, otherwise empty
 */
public record KeyColumn(String name, String quoted, String type, String equal, String collate) {
    private static final String PLAIN = "=";

    /** One of the collation of its type. */
    public KeyColumn(String name, String quoted, String type, String equal) {
        this(name, quoted, type, equal, "");
    }

    /**
     * A column of a table that holds such keys. Two that are the same key here must be so there: `A` and `a` are under a
     * collation that is not deterministic, and a row that is found by both would be put in twice.
     */
    public String definition(String column) {
        return column + " " + type + collate;
    }

    /** Whether `=` says it wherever it stands. */
    public boolean plain() {
        return equal.equals(PLAIN);
    }

    /** The condition that two values of it are the same key. */
    public String same(String one, String other) {
        return one + " " + equal + " " + other;
    }
}
