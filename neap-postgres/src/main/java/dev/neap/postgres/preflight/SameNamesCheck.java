package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** All shadows of a run share a schema, and all that it keeps another: there are no two things of one name in a schema. */
final class SameNamesCheck implements Check {
    private static final String SCHEMAS =
            "SELECT count(DISTINCT relnamespace) FROM pg_class WHERE oid = ANY (?::oid[])";
    private static final String SAME = """
            WITH named AS (
                SELECT c.relname AS name, c.oid::regclass::text AS full_name FROM pg_class c WHERE c.oid = ANY (?::oid[])
                UNION ALL
                SELECT c.relname, c.oid::regclass::text FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
                WHERE x.indrelid = ANY (?::oid[]))
            SELECT string_agg(full_name, ' and ' ORDER BY full_name) FROM named GROUP BY name HAVING count(*) > 1
            ORDER BY 1
            """;
    private static final String STATISTICS = """
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
        Connection connection = subject.connection();
        List<String> units = subject.unitOids();
        List<String> same = new ArrayList<>();
        // In one schema no two are of the same name; an index is where its table is.
        if (Query.of(connection, SCHEMAS, units).number() > 1) {
            same.addAll(Query.of(connection, SAME, units, units).texts());
        }
        same.addAll(Query.of(connection, STATISTICS, units).texts());
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
