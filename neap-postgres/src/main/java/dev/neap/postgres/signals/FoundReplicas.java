package dev.neap.postgres.signals;

import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The streaming replicas that the primary knows. One counts from when it streams, and from then on until the run ends: gone,
 * it is a replica that nobody says anything of.
 */
final class FoundReplicas implements Replica.Source {
    /** Not logical subscribers, which replay at their own pace, nor base backups, nor receivers that replay nothing. */
    private static final String SQL = """
            SELECT coalesce(s.slot_name, nullif(r.application_name, ''), 'without a name')
                     || coalesce(' at ' || host(r.client_addr), '') AS name,
                   coalesce(r.state, '') AS state, pg_wal_lsn_diff(r.replay_lsn, '0/0')::bigint AS replayed
            FROM pg_stat_replication r LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
            WHERE s.slot_type IS DISTINCT FROM 'logical' AND r.state IS DISTINCT FROM 'backup'
            ORDER BY replayed NULLS FIRST
            """;

    private final Set<String> known;

    /** @param known those that were seen before, to which more are added */
    FoundReplicas(Set<String> known) {
        this.known = known;
    }

    @Override
    public List<Replica> look(Connection primary) throws SQLException {
        Set<String> seen = new TreeSet<>();
        List<Replica> replicas = new ArrayList<>();
        for (Row row : Query.of(primary, SQL).list(FoundReplicas::row)) {
            if (row.hidden()) {
                replicas.add(Replica.unknown(
                        "a replica",
                        "it came since the run began, and the role may not see it; GRANT pg_read_all_stats TO it, or name"
                                + " the replica in replicas"));
            }
            if (row.replayed() >= 0 && row.state().equals("streaming")) {
                known.add(row.name());
            }
            // Of several of one name the one that is farthest behind comes first.
            if (known.contains(row.name()) && seen.add(row.name())) {
                replicas.add(
                        row.replayed() < 0
                                ? Replica.unknown(row.name(), "it says nothing of its replay")
                                : Replica.at(row.name(), row.replayed()));
            }
        }
        known.stream()
                .filter(name -> !seen.contains(name))
                .forEach(name -> replicas.add(Replica.unknown(name, "it is gone")));
        return replicas;
    }

    /** @param replayed -1 where it is not known */
    private record Row(String name, String state, long replayed) {
        /** The server shows nothing of it to this role. */
        boolean hidden() {
            return state.isEmpty();
        }
    }

    private static Row row(ResultSet rs) throws SQLException {
        long replayed = rs.getLong("replayed");
        boolean none = rs.wasNull();
        return new Row(rs.getString("name"), rs.getString("state"), none ? -1 : replayed);
    }

    @Override
    public void close() {}
}
