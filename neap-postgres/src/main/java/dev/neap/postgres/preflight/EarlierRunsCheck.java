package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What earlier runs left in this database, and a run that is under way. */
final class EarlierRunsCheck implements Check {
    /** The files of very many tables are not looked at one by one. */
    private static final String SCHEMAS = """
            SELECT format('%s (%s)', n.nspname, CASE WHEN tables > 1000 THEN tables || ' tables' ELSE
                pg_size_pretty(coalesce((SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
                                         WHERE c.relnamespace = n.oid AND c.relkind = 'r'), 0)) END)
            FROM pg_namespace n
            CROSS JOIN LATERAL (SELECT count(*) FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind = 'r')
                       AS there(tables)
            WHERE n.nspname ~ ? ORDER BY 1
            """;

    private static final String UNFINISHED = """
            SELECT format('%s (%s)', r.backfill, r.state) FROM neap.run r
            WHERE r.state IN ('running', 'stopped', 'failed') AND r.schema_name = ? AND r.table_name = ?
            """;

    @Override
    public String name() {
        return "earlier-runs";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        List<String> unfinished = unfinished(subject);
        if (!unfinished.isEmpty()) {
            findings.add(Finding.note(
                    name(),
                    "an unfinished run on " + subject.name() + ": " + Few.of(unfinished),
                    "neap run with the same file goes on with it"));
        }
        List<String> kept = schemas(subject, "^neap_kept_[0-9]+$");
        if (!kept.isEmpty()) {
            findings.add(Finding.note(
                    name(),
                    "replaced partitions are kept in " + Few.of(kept),
                    "neap cleanup drops those whose time is over"));
        }
        List<String> work = schemas(subject, "^neap_work_[0-9]+$");
        if (!work.isEmpty() && unfinished.isEmpty()) {
            findings.add(Finding.note(
                    name(),
                    "an earlier run left its shadows in " + Few.of(work),
                    "neap cleanup drops what is not used"));
        }
        return findings;
    }

    private static List<String> schemas(Subject subject, String pattern) throws SQLException {
        return Query.of(subject.connection(), SCHEMAS, pattern).texts();
    }

    private static List<String> unfinished(Subject subject) throws SQLException {
        boolean readable = Query.of(subject.connection(), """
                        SELECT to_regclass('neap.run') IS NOT NULL AND has_schema_privilege('neap', 'USAGE')
                           AND has_table_privilege(to_regclass('neap.run')::oid, 'SELECT')
                        """).truth();
        return readable
                ? Query.of(
                                subject.connection(),
                                UNFINISHED,
                                subject.backfill().rebuild().table().schema(),
                                subject.backfill().rebuild().table().name())
                        .texts()
                : List.of();
    }
}
