package dev.neap.postgres.fill;

import dev.neap.dialect.TableFill.Looked;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The look for rows that were missed, one part of the key after another. Rows of another table that are missing are
 * recorded like changes, and reconciled like these; columns of the walked table are filled at once.
 */
final class Look {
    private final LookSql sql;
    private final FillTables tables;
    private final FillNames names;
    private @Nullable List<String> upTo;

    Look(LookSql sql, FillTables tables, FillNames names) {
        this.sql = sql;
        this.tables = tables;
        this.names = names;
    }

    /** The last key of the part that was looked at; null before that. */
    @Nullable
    List<String> upTo() {
        return upTo;
    }

    private record Standing(
            @Nullable List<String> after,
            boolean whole,
            @Nullable List<String> end,
            @Nullable String bound) {}

    private Standing standing(Statement s) throws SQLException {
        try (ResultSet rs = s.executeQuery("SELECT look_key, whole, (SELECT u.upto_key FROM neap.unit u WHERE "
                + names.mine("u") + " ORDER BY u.position DESC LIMIT 1), look_bound::text FROM neap.fill WHERE "
                + names.mine("fill"))) {
            rs.next();
            return new Standing(FillSession.array(rs, 1), rs.getBoolean(2), FillSession.array(rs, 3), rs.getString(4));
        }
    }

    Looked part(Statement s, int rows) throws SQLException {
        Standing standing = standing(s);
        List<String> end = standing.end();
        if (standing.after() == null) {
            s.execute("UPDATE neap.fill SET look_start = pg_snapshot_xmin(pg_current_snapshot()) WHERE "
                    + names.mine("fill"));
        }
        List<String> to = end == null ? null : upper(s, standing.after(), end, rows);
        boolean gone = standing.whole() && !tables.fill().inPlace();
        if (to == null) {
            if (gone) {
                s.executeLargeUpdate(sql.lookGone(standing.after(), null));
            }
            s.execute("UPDATE neap.fill SET look_key = NULL WHERE " + names.mine("fill"));
            return new Looked(0, true, "");
        }
        upTo = to;
        boolean aside = FillSession.truth(s, sql.anyAside());
        long found;
        if (tables.fill().inPlace()) {
            found = fillMissed(s, standing, to, aside);
        } else {
            if (!sql.sameOrder()) {
                // Or all of the target would be read for each part of the key.
                s.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off");
            }
            found = s.executeLargeUpdate(sql.look(standing.after(), to, standing.whole(), aside));
            if (gone) {
                s.executeLargeUpdate(sql.lookGone(standing.after(), to));
            }
        }
        s.execute("UPDATE neap.fill SET look_key = " + FillSession.arrayLiteral(to) + ", look_found = look_found + "
                + (standing.whole() ? 0 : found) + " WHERE " + names.mine("fill"));
        return new Looked(found, false, "");
    }

    /**
     * Of a row that was written since the look before this one began it is not known whether it was missed: its writer may
     * be about to fill it. It is filled, and not counted.
     */
    private long fillMissed(Statement s, Standing standing, List<String> to, boolean aside) throws SQLException {
        if (!tables.fill().reads().isEmpty()) {
            FillSession.number(s, sql.lockMissed(standing.after(), to, aside));
        }
        String bound = standing.bound();
        long counted = bound == null ? 0 : FillSession.number(s, sql.countMissed(standing.after(), to, aside, bound));
        long filled = s.executeLargeUpdate(sql.updateMissed(standing.after(), to, aside));
        return bound == null ? filled : counted;
    }

    private @Nullable List<String> upper(Statement s, @Nullable List<String> after, List<String> end, int rows)
            throws SQLException {
        try (ResultSet rs = s.executeQuery(sql.lookUpper(after, end, rows))) {
            return rs.next() ? FillSession.texts(rs, tables.key().size()) : null;
        }
    }

    /**
     * Whether the look must be made again, and what the next one begins with. A look at every row is over when nothing was
     * written because of it; without other tables that are read, one such look is enough, and a common one follows.
     *
     * @param reads whether other tables are read
     */
    static String again(FillNames names, boolean reads) {
        return "UPDATE neap.fill f SET look_found = 0, passes = f.passes + 1, look_bound = f.look_start, reconciled = 0, whole = f.whole AND "
                + reads + " AND f.reconciled > 0 FROM neap.fill before WHERE " + names.mine("f") + " AND "
                + names.mine("before") + " RETURNING before.look_found > 0 OR before.whole AND (before.reconciled > 0"
                + " OR NOT " + reads + ")";
    }
}
