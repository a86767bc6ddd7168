package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Standbys replay the swap's locks, and their readers are not seen from here. */
final class StandbysCheck implements Check {
    private static final String STREAMING = """
            SELECT coalesce(nullif(r.application_name, ''), 'a standby') || coalesce(' at ' || host(r.client_addr), '')
            FROM pg_stat_replication r
            LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
            WHERE coalesce(r.state, '') <> 'backup' AND coalesce(s.slot_type, 'physical') = 'physical'
            ORDER BY 1
            """;

    @Override
    public String name() {
        return "standbys";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        List<String> standbys = Query.of(subject.connection(), STREAMING).texts();
        if (!standbys.isEmpty() && subject.backfill().replicas().isEmpty()) {
            findings.add(Finding.warning(
                    name(),
                    "standbys replicate this server, and the file names none under replicas: " + Few.of(standbys),
                    "a swap that is replayed there stalls or cancels its readers, and a reader with an older snapshot sees"
                            + " an empty partition; Neap waits only for the readers that it can see",
                    "add replicas: [postgresql://…] with those that answer queries"));
        }
        String synchronous = Query.of(subject.connection(), "SELECT current_setting('synchronous_standby_names')")
                .text();
        if (!synchronous.isEmpty()) {
            findings.add(Finding.note(
                    name(),
                    "synchronous_standby_names is " + synchronous,
                    "Neap commits with synchronous_commit = local, so that a slow standby cannot hold the locks of a swap;"
                            + " what it commits reaches the standbys in order"));
        }
        return findings;
    }
}
