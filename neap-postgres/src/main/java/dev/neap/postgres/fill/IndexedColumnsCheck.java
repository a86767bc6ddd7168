package dev.neap.postgres.fill;

import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.preflight.Few;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** An update of an indexed column writes an entry into every index of the table, not only into that one. */
final class IndexedColumnsCheck implements FillCheck {
    /** Below this nobody notices. */
    private static final long ROWS = 1_000_000;

    private static final String OVER_THEM = """
            SELECT i.oid::regclass::text
            FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
            JOIN pg_catalog.pg_am m ON m.oid = i.relam AND m.amname <> 'brin'
            WHERE x.indrelid = ?::oid AND EXISTS (
                SELECT FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = x.indrelid AND a.attname = ANY (?::text[])
                  AND (a.attnum = ANY (x.indkey) OR EXISTS (
                      SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = i.oid
                        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
                        AND d.refobjsubid = a.attnum)))
            ORDER BY 1
            """;

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        LiveTable into = subject.tables().into();
        if (!subject.fill().inPlace() || FillPlanner.rows(subject.connection(), subject.tables()) < ROWS) {
            return List.of();
        }
        List<String> indexes = Query.of(
                        subject.connection(),
                        OVER_THEM,
                        into.oid(),
                        subject.fill().columns())
                .texts();
        long all = Query.of(
                        subject.connection(),
                        "SELECT count(*) FROM pg_catalog.pg_index WHERE indrelid = ?::oid",
                        into.oid())
                .number();
        return indexes.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                        "indexed-columns",
                        "what the fill sets is in " + Few.of(indexes),
                        "each update writes an entry into all " + all + " indexes of " + into.name()
                                + " and its log, which it need not where no index has the column",
                        "fill first and CREATE INDEX CONCURRENTLY after it, if nothing uses the index yet"));
    }
}
