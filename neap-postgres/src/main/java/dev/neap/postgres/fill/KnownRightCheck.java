package dev.neap.postgres.fill;

import dev.neap.backfill.Conflict;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import dev.neap.transform.Schema;
import dev.neap.transform.TransformSource;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Where a table is filled in place, what tells which rows are right already. */
final class KnownRightCheck implements FillCheck {
    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        if (!subject.fill().inPlace() || subject.fill().alreadyRight() != null) {
            return List.of();
        }
        boolean keeps = subject.fill().conflict().rule() == Conflict.Rule.KEEP;
        List<Finding> findings = new ArrayList<>();
        for (String column : subject.fill().columns()) {
            if (keeps && alwaysThere(subject, column)) {
                findings.add(Finding.error(
                        "already-right",
                        set(subject, column) + ": the column is not null or has a default, so null does not tell"
                                + " which rows are still to be filled",
                        "with conflict: keep a value that is there is left alone, and here one is always there",
                        "write already_right, a predicate that is true for rows that need nothing, such as '" + column
                                + " <> 0'"));
            }
            if (!keeps && readsWhatIsSet(subject, column)) {
                findings.add(Finding.error(
                        "already-right",
                        set(subject, column) + " reads a column that the fill sets",
                        "a row that is met twice, after its key changed or a look at the end, would be transformed twice",
                        "write already_right, a predicate that is true for rows that were transformed"));
            }
        }
        return findings;
    }

    private static boolean alwaysThere(FillSubject subject, String column) throws SQLException {
        return Query.of(subject.connection(), """
                        SELECT a.attnotnull OR a.atthasdef FROM pg_attribute a
                        WHERE a.attrelid = ?::oid AND a.attname = ?
                        """, subject.tables().into().oid(), column)
                .truth();
    }

    /** What sets a column. */
    private static String set(FillSubject subject, String column) {
        TransformSource transform = subject.fill().transform();
        return transform == null
                ? "fill.set." + column
                : transform.place() + transform.name() + ", which writes " + column;
    }

    /** Its expression does not compile where the columns that are set are missing. */
    private static boolean readsWhatIsSet(FillSubject subject, String column) throws SQLException {
        TransformSource transform = subject.fill().transform();
        if (transform != null) {
            return transform.schema().reads().stream()
                    .map(Schema.Column::name)
                    .anyMatch(subject.fill().columns()::contains);
        }
        LiveTable into = subject.tables().into();
        String others = into.columns().stream()
                .map(LiveTable.Column::name)
                .filter(c -> !subject.fill().set().containsKey(c))
                .map(Names::quote)
                .collect(Collectors.joining(", "));
        return subject.failure(
                        "EXPLAIN SELECT (" + subject.fill().set().get(column) + "\n) FROM (SELECT " + others + " FROM "
                                + Names.quote(into.name()) + ") AS "
                                + Names.quote(into.name().name()))
                != null;
    }
}
