package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** ATTACH must find every index of the parent ready-made on the new partition, or it builds one under its lock. */
final class IndexesCheck implements Check {
    private static final String INVALID = """
            SELECT i.indexrelid::regclass::text FROM pg_index i
            WHERE i.indrelid = ANY (?::oid[]) AND NOT (i.indisvalid AND i.indisready AND i.indislive) ORDER BY 1
            """;
    private static final String WITHOUT_PARTNER = """
            SELECT format('%s on %s', i.indexrelid::regclass, unit.oid::regclass)
            FROM unnest(?::oid[]) AS unit(oid)
            JOIN pg_inherits above ON above.inhrelid = unit.oid
            JOIN pg_index i ON i.indrelid = above.inhparent
            WHERE NOT EXISTS (
                SELECT FROM pg_inherits h JOIN pg_index l ON l.indexrelid = h.inhrelid
                WHERE h.inhparent = i.indexrelid AND l.indrelid = unit.oid)
            ORDER BY 1
            """;
    private static final String EXCLUSION = """
            SELECT DISTINCT i.indexrelid::regclass::text FROM pg_inherits above JOIN pg_index i ON i.indrelid = above.inhparent
            WHERE above.inhrelid = ANY (?::oid[]) AND i.indisexclusion ORDER BY 1
            """;

    @Override
    public String name() {
        return "indexes";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        if (subject.merges()) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        refuse(
                findings,
                Query.of(subject.connection(), INVALID, subject.unitOids()).texts(),
                "invalid indexes: ",
                "what is broken cannot be rebuilt alike",
                "REINDEX INDEX CONCURRENTLY, or DROP INDEX, each of them");
        refuse(
                findings,
                Query.of(subject.connection(), WITHOUT_PARTNER, subject.unitOids())
                        .texts(),
                "indexes of the table that a partition lacks: ",
                "ATTACH PARTITION would build them while it holds its lock",
                "create them on the partition and ALTER INDEX … ATTACH PARTITION, or drop them from the table");
        refuse(
                findings,
                Query.of(subject.connection(), EXCLUSION, subject.unitOids()).texts(),
                "exclusion constraints of the partitioned table: ",
                "ATTACH PARTITION would build them again while it holds its lock",
                "say cutover: merge, or drop them for the time of the run");
        return findings;
    }

    private void refuse(List<Finding> findings, List<String> names, String what, String why, String fix) {
        if (!names.isEmpty()) {
            findings.add(Finding.error(name(), what + Few.of(names), why, fix));
        }
    }
}
