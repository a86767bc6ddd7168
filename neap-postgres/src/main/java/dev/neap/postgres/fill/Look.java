package dev.neap.postgres.fill;

import dev.neap.dialect.TableFill.Looked;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The look for rows that were missed, one part of the key after another. Rows of another table that are missing are
 * recorded like changes, and reconciled like these; columns of the walked table are filled at once.
 */
final class Look {
    private final LookSql sql;
    private final FillTables tables;
    private final FillNames names;
    private final PostgresPlans plans;
    private @Nullable List<String> upTo;

    Look(FillTables tables, FillNames names, PostgresPlans plans) {
        this.sql = new LookSql(tables, names);
        this.tables = tables;
        this.names = names;
        this.plans = plans;
    }

    /** The last key of the part that was looked at; null before that. */
    @Nullable
    List<String> upTo() {
        return upTo;
    }

    record Standing(
            @Nullable List<String> after,
            boolean whole,
            @Nullable List<String> end,
            @Nullable String bound) {}

    private Standing standing(Statement s) throws SQLException {
        String end = tables.fill().inPlace()
                ? "look_end"
                : "(SELECT u.upto_key FROM neap.unit u WHERE " + names.mine("u") + " ORDER BY u.position DESC LIMIT 1)";
        try (ResultSet rs = s.executeQuery(
                "SELECT look_key, whole, " + end + ", look_bound::text FROM neap.fill WHERE " + names.mine("fill"))) {
            rs.next();
            return new Standing(FillSession.array(rs, 1), rs.getBoolean(2), FillSession.array(rs, 3), rs.getString(4));
        }
    }

    /**
     * A part of the key that is to be looked at.
     *
     * @param to its last key; null where nothing is left
     * @param aside whether any row was set aside
     * @param work whether any row may need work
     */
    record Part(Standing standing, @Nullable List<String> to, boolean aside, boolean work) {}

    private record Upper(@Nullable List<String> to, boolean work) {}

    /** What comes next. */
    Part next(Statement s, int rows) throws SQLException {
        upTo = null;
        begin(s);
        Standing standing = standing(s);
        List<String> end = standing.end();
        if (end == null) {
            return new Part(standing, null, false, false);
        }
        boolean aside = FillSession.truth(s, sql.anyAside());
        plans.look(standing.after(), end, end, rows, standing.whole(), aside);
        plan(s);
        Upper upper = upper(s, standing.after(), end, rows, aside);
        upTo = upper.to();
        if (upTo != null) {
            plans.look(standing.after(), end, upTo, rows, standing.whole(), aside);
        }
        return new Part(standing, upTo, aside, upper.work());
    }

    /**
     * In one table a row whose key went past every segment is still to be filled, so the look goes as far as the keys do as
     * it begins. What comes from then on is the application's.
     */
    private void begin(Statement s) throws SQLException {
        List<String> last = tables.fill().inPlace()
                ? new Segments(s.getConnection(), tables).last().orElse(null)
                : null;
        s.execute("UPDATE neap.fill SET look_start = pg_snapshot_xmin(pg_current_snapshot()), look_end = "
                + (last == null ? "NULL" : FillSession.arrayLiteral(last)) + " WHERE look_key IS NULL AND "
                + names.mine("fill"));
    }

    /** Whether a transform in Java must be asked what it makes of the rows, to know what was missed. */
    boolean asks(Part part) {
        return part.to() != null
                && (tables.fill().inPlace() ? part.work() : !part.standing().whole());
    }

    /** The rows that it must be asked about. */
    Making.Reading read(Statement s, Making making, Part part) throws SQLException {
        List<String> to = Objects.requireNonNull(part.to(), "a part that is not the end");
        plan(s);
        Making.Reading reading = making.read(
                s, plans.sent(sql.toTransform(making.sql(), part.standing().after(), to, part.aside())));
        if (reading.cut()) {
            upTo = reading.rows().get(reading.rows().size() - 1).key();
        }
        return reading;
    }

    /** Looks at a part. */
    Looked look(Statement s, Part part) throws SQLException {
        List<String> to = upTo;
        if (to == null) {
            return ended(s, part);
        }
        Standing standing = part.standing();
        if (!part.work()) {
            return past(s, part, to, 0);
        }
        plan(s);
        return past(
                s,
                part,
                to,
                tables.fill().inPlace()
                        ? fillMissed(s, standing, to, part.aside())
                        : s.executeLargeUpdate(
                                plans.sent(sql.look(standing.after(), to, standing.whole(), part.aside()))));
    }

    /**
     * The same where what a transform in Java makes of the rows is staged. Empty where rows of one table have changed since
     * they were read: the part must be looked at again.
     *
     * @param last whether it is not looked at again all the same
     */
    Optional<Looked> lookAtMade(Statement s, Part part, StageSql stage, boolean last) throws SQLException {
        List<String> to = upTo;
        if (to == null || !asks(part)) {
            return Optional.of(look(s, part));
        }
        if (!tables.fill().inPlace()) {
            plan(s);
            long recorded = s.executeLargeUpdate(
                    plans.sent(sql.lookAtMade(part.standing().after(), to)));
            return Optional.of(past(s, part, to, recorded));
        }
        plan(s);
        long found = fillMissed(s, part.standing(), to, part.aside());
        long changed = FillSession.number(s, stage.changed(part.standing().after(), to));
        if (changed > 0 && !last) {
            found(s, part, found);
            return Optional.empty();
        }
        return Optional.of(past(s, part, to, found + changed));
    }

    private void plan(Statement s) throws SQLException {
        if (!sql.settings().isEmpty()) {
            s.execute(sql.settings());
        }
        plans.prepare(s);
    }

    private Looked ended(Statement s, Part part) throws SQLException {
        if (part.standing().whole() && !tables.fill().inPlace()) {
            s.executeLargeUpdate(sql.lookGone(part.standing().after(), null));
        }
        s.execute("UPDATE neap.fill SET look_key = NULL WHERE " + names.mine("fill"));
        return new Looked(0, true, "");
    }

    /** Goes past a part in which so much was found. */
    private Looked past(Statement s, Part part, List<String> to, long found) throws SQLException {
        if (part.standing().whole() && !tables.fill().inPlace()) {
            s.executeLargeUpdate(sql.lookGone(part.standing().after(), to));
        }
        for (String hold : new FillCapture(tables, names).holdToUpdates()) {
            s.executeUpdate(hold);
        }
        found(s, part, found);
        s.execute("UPDATE neap.fill SET look_key = " + FillSession.arrayLiteral(to) + " WHERE " + names.mine("fill"));
        return new Looked(found, false, "");
    }

    private void found(Statement s, Part part, long found) throws SQLException {
        if (found > 0 && !part.standing().whole()) {
            s.execute("UPDATE neap.fill SET look_found = look_found + " + found + " WHERE " + names.mine("fill"));
        }
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
        long filled = s.executeLargeUpdate(plans.sent(sql.updateMissed(standing.after(), to, aside)));
        return bound == null ? filled : counted;
    }

    private Upper upper(Statement s, @Nullable List<String> after, List<String> end, int rows, boolean aside)
            throws SQLException {
        try (ResultSet rs = s.executeQuery(plans.sent(sql.lookUpper(after, end, rows, aside)))) {
            int columns = tables.key().size();
            return rs.next()
                    ? new Upper(FillSession.texts(rs, columns), rs.getBoolean(columns + 1))
                    : new Upper(null, false);
        }
    }

    /**
     * Whether the look must be made again, and what the next one begins with. A look at every row is over when no row was put
     * in meanwhile: of a table that is read, the application may have written what comes of a change before the row was
     * there, and the change itself after. A row that is there it has written over, or the reconciliation has met it. Without
     * other tables that are read, one such look is enough, and a common one follows.
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
