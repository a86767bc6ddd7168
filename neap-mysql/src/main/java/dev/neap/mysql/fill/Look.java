package dev.neap.mysql.fill;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.TableFill;
import dev.neap.mysql.query.Keys;
import dev.neap.mysql.query.Query;
import dev.neap.mysql.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The last look: from the first key to the last, for rows that the segments of a fill missed. */
final class Look {
    private final FillSession session;
    private final FillTables tables;
    private final FillSql walk;
    private final TargetSql target;
    private final long run;
    private final long worker;
    /** The last row of a part that could not be written. */
    private @Nullable List<String> failed;

    Look(FillSession session, FillTables tables, FillSql walk, TargetSql target, long run, long worker) {
        this.session = session;
        this.tables = tables;
        this.walk = walk;
        this.target = target;
        this.run = run;
        this.worker = worker;
    }

    /**
     * Looks at the next part, and commits what was missed in it with its checkpoint.
     *
     * @param rows how many rows it looks at, at most
     */
    TableFill.Looked next(int rows) {
        try {
            return session.in(c -> {
                FillSession.holdFill(c, run, worker);
                return part(c, rows);
            });
        } catch (NeapException e) {
            String bad = SqlFailures.bad(e);
            if (bad.isEmpty()) {
                throw e;
            }
            return new TableFill.Looked(0, false, bad);
        }
    }

    private TableFill.Looked part(Connection c, int rows) throws SQLException {
        failed = null;
        List<String> after = Query.first(
                        c,
                        "SELECT look_key FROM neap.fill WHERE run_id = " + run,
                        r -> Optional.ofNullable(r.getString(1)))
                .orElseThrow()
                .map(Keys::read)
                .orElse(null);
        if (tables.fill().inPlace() && after == null) {
            // A row whose key went past every segment is still to be filled. What comes from now on is the
            // application's.
            Query.execute(
                    c,
                    "UPDATE neap.fill SET look_end = "
                            + Keys.sql(new Segments(c, tables).last().orElse(null)) + " WHERE run_id = " + run);
        }
        List<String> end = Query.first(
                        c,
                        tables.fill().inPlace()
                                ? "SELECT look_end FROM neap.fill WHERE run_id = " + run
                                : "SELECT upto_key FROM neap.unit WHERE run_id = " + run
                                        + " ORDER BY position DESC LIMIT 1",
                        r -> Optional.ofNullable(r.getString(1)))
                .flatMap(stored -> stored)
                .map(Keys::read)
                .orElse(null);
        List<String> to = end == null ? null : upper(c, after, end, rows);
        if (to == null) {
            Query.execute(c, "UPDATE neap.fill SET look_key = NULL WHERE run_id = " + run);
            return new TableFill.Looked(0, true, "");
        }
        failed = to;
        boolean aside = Quarantine.any(c, run);
        long found = Query.execute(
                c,
                tables.fill().inPlace()
                        ? walk.updateMissed(after, to, aside)
                        : target.look(after, to, walk.butForThoseAside(target.missing(), aside)));
        Query.execute(
                c,
                "UPDATE neap.fill SET look_key = " + Keys.sql(to) + ", look_found = look_found + " + found
                        + " WHERE run_id = " + run);
        failed = null;
        return new TableFill.Looked(found, false, "");
    }

    private @Nullable List<String> upper(Connection c, @Nullable List<String> after, List<String> end, int rows)
            throws SQLException {
        return Query.first(
                        c,
                        walk.lookUpper(after, end, rows),
                        r -> FillSession.texts(r, 1, tables.key().size()))
                .orElse(null);
    }

    /**
     * In the same table the first look comes after every transaction that began before the last batch, so what a second one
     * finds is written by an application that fills it itself. In another table a look must find nothing.
     */
    boolean again() {
        return session.in(c -> {
            FillSession.holdFill(c, run, worker);
            boolean again = Query.truth(
                    c,
                    "SELECT look_found > 0 AND (" + !tables.fill().inPlace()
                            + " OR passes = 0) FROM neap.fill WHERE run_id = " + run);
            Query.execute(c, "UPDATE neap.fill SET look_found = 0, passes = passes + 1 WHERE run_id = " + run);
            return again;
        });
    }

    /** Sets the row aside that a look of one row could not write; returns whether there is one. */
    boolean setAside(Connection c, String cause) throws SQLException {
        List<String> key = failed;
        if (key == null) {
            return false;
        }
        Quarantine.add(c, run, 0, key, cause);
        failed = null;
        return true;
    }
}
