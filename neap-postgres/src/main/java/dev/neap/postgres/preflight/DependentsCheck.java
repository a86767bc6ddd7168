package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Views, rules and functions in SQL follow a table's identity: after a swap they would read the old rows in silence. */
final class DependentsCheck implements Check {
    private static final String DEPENDENTS = """
            WITH unit AS (SELECT unnest(?::oid[]) AS oid),
            target AS (
                SELECT 'pg_class'::regclass::oid AS classid, oid, oid AS unit FROM unit
                UNION ALL
                SELECT 'pg_type'::regclass, c.reltype, c.oid FROM unit JOIN pg_class c ON c.oid = unit.oid
                WHERE c.reltype <> 0
                UNION ALL
                SELECT 'pg_type'::regclass, t.typarray, c.oid FROM unit JOIN pg_class c ON c.oid = unit.oid
                JOIN pg_type t ON t.oid = c.reltype WHERE t.typarray <> 0),
            -- Only what can be one of them: an index and a TOAST table are no dependents, and there are very many.
            dependent AS (
                SELECT d.* FROM pg_depend d WHERE d.classid IN ('pg_rewrite'::regclass, 'pg_proc'::regclass)
                UNION ALL
                SELECT d.* FROM pg_class other JOIN pg_depend d ON d.objid = other.oid
                WHERE d.classid = 'pg_class'::regclass AND other.relkind NOT IN ('i', 'S', 't')),
            link AS (
                SELECT DISTINCT d.classid, d.objid, d.objsubid, target.unit
                FROM dependent d JOIN target ON d.refclassid = target.classid AND d.refobjid = target.oid)
            SELECT DISTINCT format('%s (of %s)', CASE WHEN w.oid IS NOT NULL THEN
                       CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view ' ELSE 'a rule on ' END
                       || w.ev_class::regclass
                   ELSE pg_describe_object(link.classid, link.objid, link.objsubid) END, link.unit::regclass)
            FROM link
            LEFT JOIN pg_rewrite w ON link.classid = 'pg_rewrite'::regclass AND w.oid = link.objid
            LEFT JOIN pg_class c ON c.oid = w.ev_class
            LEFT JOIN pg_proc f ON link.classid = 'pg_proc'::regclass AND f.oid = link.objid
            LEFT JOIN pg_class other ON link.classid = 'pg_class'::regclass AND other.oid = link.objid
                 AND other.relkind NOT IN ('i', 'S', 't') AND other.oid <> link.unit
            WHERE (w.oid IS NOT NULL AND w.ev_class <> link.unit) OR f.oid IS NOT NULL OR other.oid IS NOT NULL
            ORDER BY 1
            """;

    @Override
    public String name() {
        return "dependents";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        if (subject.merges()) {
            return List.of();
        }
        List<String> dependents =
                Query.of(subject.connection(), DEPENDENTS, subject.unitOids()).texts();
        if (dependents.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.error(
                name(),
                "these depend on a partition itself and not on its name: " + Few.of(dependents),
                "after the swap they would go on reading the old rows",
                "say cutover: merge, which updates the rows where they are; or let them use " + subject.name()
                        + " instead, or drop them for the time of the run"));
    }
}
