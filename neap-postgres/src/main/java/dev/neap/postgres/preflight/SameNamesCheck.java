package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** All shadows of a run share a schema, and all that it keeps another: there are no two things of one name in a schema. */
final class SameNamesCheck implements Check {
    private static final String SAME = """
            WITH named AS (
                SELECT c.relname AS name, c.oid::regclass::text AS full_name FROM pg_class c WHERE c.oid = ANY (?::oid[])
                UNION ALL
                SELECT c.relname, c.oid::regclass::text FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
                WHERE x.indrelid = ANY (?::oid[]))
            SELECT string_agg(full_name, ' and ' ORDER BY full_name) FROM named GROUP BY name HAVING count(*) > 1
            UNION ALL
            SELECT string_agg(format('statistics %I.%I', s.stxnamespace::regnamespace, s.stxname), ' and ')
            FROM pg_statistic_ext s WHERE s.stxrelid = ANY (?::oid[]) GROUP BY s.stxname HAVING count(*) > 1
            ORDER BY 1
            """;

    @Override
    public String name() {
        return "same-names";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        List<String> same = Query.of(
                        subject.connection(), SAME, subject.unitOids(), subject.unitOids(), subject.unitOids())
                .texts();
        if (same.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.error(
                name(),
                "partitions, or indexes of theirs, of the same name in different schemas: " + Few.of(same),
                "replaced partitions keep their names, and a run keeps all of them in one schema",
                "rename one of them, or choose them for different runs with rebuild.partitions"));
    }
}
