package dev.neap.mysql.fill;

import dev.neap.backfill.Fill;
import dev.neap.dialect.SegmentFill;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The statements that walk the key, and those that fill columns of the walked rows themselves. */
final class FillSql {
    private final Fill fill;
    private final FillNames names;
    private final KeySql key;
    private final Expressions user;

    FillSql(FillTables tables, FillNames names) {
        this.fill = tables.fill();
        this.names = names;
        this.key = new KeySql(tables.walk());
        this.user = new Expressions(tables);
    }

    /**
     * The key that the next batch ends with, as text; how many rows lie before it; and how many of these it wants. No row
     * where nothing is left. It locks nothing, and reads a bounded number of rows.
     */
    String upper(@Nullable List<String> after, List<String> upTo, int rows) {
        boolean choosy = rows > 1 && (fill.where() != null || fill.inPlace());
        long read = choosy ? (long) rows * SegmentFill.LOOKS_FOR_EACH : rows;
        String near = "SELECT " + key.list(user.alias()) + ", "
                + (choosy ? "coalesce(" + user.likely() + ", false)" : "true") + " AS neap_wanted FROM " + walked()
                + " WHERE " + key.within(user.alias(), after, upTo) + " ORDER BY " + key.list(user.alias()) + " LIMIT "
                + read;
        String order = " OVER (ORDER BY " + key.list("neap_near") + ")";
        return "SELECT " + key.texts("neap_seen") + ", neap_seen.looked, neap_seen.wanted FROM (SELECT "
                + key.list("neap_near") + ", row_number()" + order + " AS looked, sum(neap_near.neap_wanted)" + order
                + " AS wanted FROM (" + near + ") AS neap_near) AS neap_seen WHERE neap_seen.wanted <= " + rows
                + " ORDER BY " + key.backwards("neap_seen") + " LIMIT 1";
    }

    /** The walked table, for a FROM that goes along its key. */
    private String walked() {
        return user.from() + key.forced();
    }

    /**
     * Locks the rows of a part of the key that need work. Where the expressions read other tables they must be read after
     * the rows are had: an application that changed both in between is seen whole, or comes after.
     */
    String lock(@Nullable List<String> after, List<String> upTo) {
        return "SELECT count(*) FROM " + walked() + " WHERE " + key.within(user.alias(), after, upTo) + " AND "
                + user.wanted() + " FOR UPDATE";
    }

    /** Fills columns of a part of the key. A row is read in its newest version, under the lock that writes it. */
    String update(@Nullable List<String> after, List<String> upTo) {
        return updateWhere(after, upTo, user.wanted());
    }

    private String updateWhere(@Nullable List<String> after, List<String> upTo, String condition) {
        return "UPDATE " + walked() + " SET " + user.assignments() + " WHERE " + key.within(user.alias(), after, upTo)
                + " AND " + condition;
    }

    /** The same for rows that were missed, but for those that were set aside. */
    String updateMissed(@Nullable List<String> after, List<String> upTo, boolean aside) {
        return updateWhere(after, upTo, butForThoseAside(user.wanted(), aside));
    }

    /** What fails for a row must not be asked of it again: nothing else than a CASE says what is evaluated first. */
    String butForThoseAside(String condition, boolean aside) {
        return aside
                ? "CASE WHEN json_compact(json_array(" + key.texts(user.alias())
                        + ")) COLLATE utf8mb4_bin NOT IN (SELECT json_compact(neap_aside.`key`) COLLATE utf8mb4_bin FROM"
                        + " neap.quarantine AS neap_aside WHERE neap_aside.run_id = " + names.run() + ") THEN "
                        + condition + " ELSE false END"
                : condition;
    }

    /** The key that a look over so many rows ends with, as text. */
    String lookUpper(@Nullable List<String> after, List<String> upTo, int rows) {
        return "SELECT " + key.texts("neap_near") + " FROM (SELECT " + key.list(user.alias()) + " FROM " + walked()
                + " WHERE " + key.within(user.alias(), after, upTo) + " ORDER BY " + key.list(user.alias()) + " LIMIT "
                + rows + ") AS neap_near ORDER BY " + key.backwards("neap_near") + " LIMIT 1";
    }
}
