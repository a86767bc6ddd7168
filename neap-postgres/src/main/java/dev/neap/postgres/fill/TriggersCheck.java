package dev.neap.postgres.fill;

import dev.neap.postgres.preflight.Few;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Triggers of the application's that would fire for the rows that a fill writes. */
final class TriggersCheck implements FillCheck {
    private static final int INSERT_AND_DELETE = 4 | 8;

    /**
     * A trigger of single columns fires for an UPDATE of these alone. Neap's own and those of foreign keys are no news. What
     * a partition has from its parent is said once, of the highest of the tables that are written; whether it is one of the
     * server's own, only the one that somebody made tells on every version.
     */
    private static final String FIRING = """
            WITH RECURSIVE written AS (
                SELECT relid::oid AS oid FROM pg_partition_tree(?::oid::regclass) UNION SELECT ?::oid
            ),
            above AS (
                SELECT t.oid AS trigger, t.tgparentid AS parent, t.tgisinternal AS internal
                FROM pg_catalog.pg_trigger t JOIN written w ON w.oid = t.tgrelid
                UNION ALL
                SELECT above.trigger, p.tgparentid, p.tgisinternal
                FROM above JOIN pg_catalog.pg_trigger p ON p.oid = above.parent
            )
            SELECT format('%I on %s, which calls %s', t.tgname, t.tgrelid::regclass, t.tgfoid::regprocedure)
            FROM pg_catalog.pg_trigger t JOIN above made ON made.trigger = t.oid AND made.parent = 0
            WHERE NOT made.internal AND t.tgenabled IN ('O', 'A') AND t.tgname !~ '^neap_'
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger p JOIN written w ON w.oid = p.tgrelid
                              WHERE p.oid = t.tgparentid)
              AND (t.tgtype & ? <> 0
                   OR t.tgtype & 16 <> 0 AND (cardinality(t.tgattr::int2[]) = 0 OR EXISTS (
                       SELECT FROM pg_catalog.pg_attribute a
                       WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr) AND a.attname = ANY (?::text[]))))
            ORDER BY t.tgname
            """;

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        long into = subject.tables().into().oid();
        List<String> firing = Query.of(
                        subject.connection(),
                        FIRING,
                        into,
                        into,
                        subject.fill().inPlace() ? 0 : INSERT_AND_DELETE,
                        subject.fill().columns())
                .texts();
        return firing.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                        "triggers",
                        "triggers would fire for the rows that the fill writes: " + Few.of(firing),
                        "they do for each old row what they do for a new one, such as a mail or a line of an audit, and"
                                + " take their time",
                        "let their functions return at once where current_setting('application_name') begins with"
                                + " 'neap run', if that is not meant"));
    }
}
