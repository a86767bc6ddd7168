package dev.neap.backfill;

/**
 * A query that stands for those of the application: how long it takes, against how long it took before the run.
 *
 * @param sql one SELECT
 * @param warning from so many times as long on the run goes slower
 * @param limit from so many times as long on nothing is written; not less than the warning level
 */
public record Canary(String sql, Times warning, Times limit) {
    /** The limit where the file names none. */
    static final Times LIMIT = new Times(3);

    public Canary {
        if (sql.isBlank() || warning.times() > limit.times()) {
            throw new IllegalArgumentException("a canary is a query, and warning <= limit");
        }
    }
}
