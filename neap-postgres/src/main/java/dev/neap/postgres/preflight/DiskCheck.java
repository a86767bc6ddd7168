package dev.neap.postgres.preflight;

import dev.neap.plan.Estimate;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Free space cannot be asked for in SQL, so the figure is given to the person who can look. */
final class DiskCheck implements Check {
    private static final String TABLESPACES = """
            SELECT DISTINCT coalesce(t.spcname, 'pg_default')
            FROM (SELECT c.reltablespace FROM pg_class c WHERE c.oid = ANY (?::oid[])
                  UNION SELECT i.reltablespace FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                        WHERE x.indrelid = ANY (?::oid[])) AS used
            LEFT JOIN pg_database d ON d.datname = current_database()
            LEFT JOIN pg_tablespace t ON t.oid = coalesce(nullif(used.reltablespace, 0), d.dattablespace)
            ORDER BY 1
            """;

    @Override
    public String name() {
        return "disk";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        Estimate estimate = subject.estimate();
        List<String> tablespaces = Query.of(subject.connection(), TABLESPACES, subject.unitOids(), subject.unitOids())
                .texts();
        String where = String.join(", ", tablespaces);
        boolean merges = subject.backfill().rebuild().merges();
        return List.of(Finding.note(
                name(),
                "needs about %s free in %s %s, for sorting %s more, and writes about %s of log"
                        .formatted(
                                Bytes.of(estimate.keptBytes() + estimate.shadowBytes()),
                                where,
                                merges ? "for each worker" : "until cleanup",
                                Bytes.of(estimate.sortBytes()),
                                Bytes.of(estimate.walBytes())),
                (merges
                                ? "each worker has one shadow at a time, beside the partition that it is merged into"
                                : "the old partitions are kept beside the new ones, more than the shadows of several"
                                        + " workers take before that")
                        + "; the server does not tell its free space in SQL, so look with df"));
    }
}
