package dev.neap.dialect;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something of Neap's that is still in the database.
 *
 * @param kind such as `kept partition`, `shadow`, `capture trigger`, `check` or `schema`
 * @param name what it is called
 * @param bytes what it occupies, zero or more
 * @param why why it may go now, or why it stays
 * @param due whether `cleanup` drops it now
 * @param dropSql the statements that drop it, in order
 * @param standsInFor the backfill whose application's second write this trigger does, though its run is done; null for all
 *     else
 */
public record Leftover(
        String kind,
        String name,
        long bytes,
        String why,
        boolean due,
        List<String> dropSql,
        @Nullable String standsInFor) {
    /** Anything but a trigger that stands in for an application. */
    public Leftover(String kind, String name, long bytes, String why, boolean due, List<String> dropSql) {
        this(kind, name, bytes, why, due, dropSql, null);
    }
}
