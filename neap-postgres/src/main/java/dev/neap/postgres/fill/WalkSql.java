package dev.neap.postgres.fill;

import dev.neap.backfill.Conflict;
import dev.neap.dialect.SegmentFill;
import dev.neap.postgres.query.Names;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The statements of a batch: where it ends, and what it writes. */
final class WalkSql extends FillSql {
    WalkSql(FillTables tables, FillNames names) {
        super(tables, names);
    }

    /**
     * The key that the next batch ends with, as text; how many rows lie before it; and how many of these it wants. No row
     * where nothing is left. It locks nothing, and reads a bounded number of rows.
     *
     * @param after the checkpoint; null at the beginning
     * @param upTo the segment's last key
     * @param dense whether most rows are likely to be wanted, so that the batch is written without asking which are, and
     *     all count as wanted: what a `where` leaves out is never guessed
     */
    String upper(@Nullable List<String> after, List<String> upTo, int rows, boolean dense) {
        boolean choosy = rows > 1 && (fill.where() != null || (fill.inPlace() && !dense));
        long read = choosy ? (long) rows * SegmentFill.LOOKS_FOR_EACH : rows;
        String all = "all_near AS MATERIALIZED (SELECT " + keys("near") + " FROM (" + near(after, upTo, "", read)
                + ") AS near)";
        String last = "SELECT " + texts("last") + ", (SELECT count(*) FROM all_near) AS looked, ";
        String lastOfAll = " FROM (SELECT " + keys("all_near") + " FROM all_near ORDER BY " + down("all_near")
                + " LIMIT 1) AS last";
        if (!choosy) {
            return "WITH " + all + " " + last + "(SELECT count(*) FROM all_near) AS wanted" + lastOfAll;
        }
        // Reading ends with the last row that is wanted; only where there are too few of them, with the last row of
        // all.
        String few = "few AS MATERIALIZED (SELECT " + keys("seen") + ", seen.looked FROM (SELECT " + keys("near")
                + ", near.wanted, row_number() OVER (ORDER BY " + keys("near")
                + " ROWS UNBOUNDED PRECEDING) AS looked FROM ("
                + near(after, upTo, ", coalesce(" + likely() + ", false) AS wanted", read)
                + ") AS near) AS seen WHERE seen.wanted ORDER BY " + keys("seen") + " LIMIT " + rows + ")";
        return "WITH " + few + ", " + all + " (SELECT " + texts("few") + ", few.looked, " + rows
                + "::bigint AS wanted FROM few WHERE (SELECT count(*) FROM few) = " + rows
                + " ORDER BY few.looked DESC LIMIT 1) UNION ALL (" + last + "(SELECT count(*) FROM few)" + lastOfAll
                + " WHERE (SELECT count(*) FROM few) < " + rows + ")";
    }

    private String near(@Nullable List<String> after, List<String> upTo, String more, long rows) {
        return "SELECT " + eachKey(i -> column(from, key.get(i).name()) + " AS " + K + i, ", ") + more + " FROM " + from
                + " WHERE " + within(after, upTo) + " ORDER BY " + row(from, ", ") + " LIMIT " + rows;
    }

    private String keys(String alias) {
        return eachKey(i -> alias + "." + K + i, ", ");
    }

    private String texts(String alias) {
        return eachKey(i -> "(" + alias + "." + K + i + ")::text", ", ");
    }

    private String down(String alias) {
        return eachKey(i -> alias + "." + K + i + " DESC", ", ");
    }

    /** A batch's statement as it can be compiled before there is a key, or a table of changes. */
    String compiled() {
        String nothing = "(" + new StageSql(tables, names).shape() + " LIMIT 0)";
        if (fill.inPlace()) {
            return update(nothing) + wanted();
        }
        return insertHead() + values() + " FROM " + source().replace(Staged.MADE, nothing) + " WHERE " + meant()
                + "\nON CONFLICT (" + Names.list(tables.target()) + ") " + onConflict();
    }

    /** Writes the rows of a part of the key. Counts the rows that were written. */
    String batch(@Nullable List<String> after, List<String> upTo) {
        return fill.inPlace() ? update(after, upTo) : insert(after, upTo);
    }

    /**
     * Locks the rows of a part of the key that need work, in the key's order. Where the expressions read other tables they
     * must be read after the rows are had: an application that changed both in between is seen whole, or comes after.
     */
    String lock(@Nullable List<String> after, List<String> upTo) {
        return lockWhere(after, upTo, wanted());
    }

    /** A row that changed since the snapshot is looked at again as it is now, by the server itself. */
    private String update(@Nullable List<String> after, List<String> upTo) {
        return updateWhere(after, upTo, wanted());
    }

    /**
     * Rows that the application inserted since the run began are left to its own second write, and so are those that it
     * changed where one becomes several. (Were the rule to overwrite, the changed ones would stay as they are.)
     */
    private String insert(@Nullable List<String> after, List<String> upTo) {
        return insertHead() + values() + " FROM " + source() + " WHERE " + within(after, upTo) + " AND " + meant()
                + " AND NOT EXISTS (SELECT FROM " + names.changes() + " AS change WHERE change.op "
                + (tables.severalRows() && fill.conflict().rule() == Conflict.Rule.KEEP
                        ? "IN ('I', 'U', 'R')"
                        : "= 'I'")
                + " AND " + sameAsChange() + ")\nON CONFLICT (" + Names.list(tables.target()) + ") " + onConflict();
    }
}
