package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Before PostgreSQL 17 a partition could have an identity column of its own, with its own sequence. */
final class IdentityCheck implements Check {
    @Override
    public String name() {
        return "identity";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        if (subject.merges() || subject.connection().getMetaData().getDatabaseMajorVersion() >= 17) {
            return List.of();
        }
        List<String> columns =
                Query.of(subject.connection(), """
                        SELECT format('%s.%I', a.attrelid::regclass, a.attname) FROM pg_attribute a
                        WHERE a.attrelid = ANY (?::oid[]) AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity <> ''
                        ORDER BY 1
                        """, subject.unitOids()).texts();
        if (columns.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.error(
                name(),
                "partitions with an identity of their own: " + Few.of(columns),
                "the identity's sequence would stay with the old partition",
                "say cutover: merge, or ALTER TABLE … ALTER COLUMN … DROP IDENTITY on the partition (rows that come through "
                        + subject.name() + " do not use it)"));
    }
}
