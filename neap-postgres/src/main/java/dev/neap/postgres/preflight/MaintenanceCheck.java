package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Vacuums that give way to nobody, and index builds of others. */
final class MaintenanceCheck implements Check {
    private static final String WRAPAROUND = """
            SELECT format('pid %s on %s', v.pid, v.relid::regclass)
            FROM pg_stat_progress_vacuum v JOIN pg_stat_activity a ON a.pid = v.pid
            WHERE v.datname = current_database() AND v.relid = ANY (?::oid[])
              AND a.backend_type = 'autovacuum worker' AND a.query LIKE '%to prevent wraparound%'
            ORDER BY 1
            """;
    private static final String BUILDS = """
            SELECT format('pid %s: %s on %s', b.pid, b.command, b.relid::regclass)
            FROM pg_stat_progress_create_index b
            WHERE b.datname = current_database() AND b.relid = ANY (?::oid[]) ORDER BY 1
            """;

    @Override
    public String name() {
        return "maintenance";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        List<String> vacuums = Query.of(subject.connection(), WRAPAROUND, subject.tableAndUnits())
                .texts();
        if (!vacuums.isEmpty()) {
            findings.add(Finding.warning(
                    name(),
                    "an autovacuum that prevents wraparound is at work: " + Few.of(vacuums),
                    "it gives way to nobody, so the swap waits for it",
                    "let it end first"));
        }
        List<String> builds =
                Query.of(subject.connection(), BUILDS, subject.tableAndUnits()).texts();
        if (!builds.isEmpty()) {
            findings.add(Finding.warning(
                    name(),
                    "an index is being built: " + Few.of(builds),
                    "it locks the partition, and an index that comes later than the shadow sends the unit back to its"
                            + " beginning",
                    "let it end and plan again"));
        }
        return findings;
    }
}
