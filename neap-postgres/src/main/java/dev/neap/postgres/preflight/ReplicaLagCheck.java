package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import dev.neap.preflight.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Whether the role sees how far the replicas are behind that the primary knows. */
public final class ReplicaLagCheck implements ServerCheck {
    private static final String HIDDEN = """
            SELECT current_user FROM pg_stat_replication WHERE state IS NULL AND NOT pg_has_role('pg_read_all_stats', 'USAGE')
            LIMIT 1
            """;

    ReplicaLagCheck() {}

    @Override
    public String name() {
        return Watching.LAG;
    }

    /** Where the file itself asks for it, the run is refused without it. */
    @Override
    public List<Finding> look(Connection connection, Backfill backfill) throws SQLException {
        if (backfill.throttle().replicaLag() == null
                || backfill.throttle().asked()
                || !backfill.replicas().isEmpty()) {
            return List.of();
        }
        return hidden(connection).stream()
                .map(role -> Watching.lag(
                        "there are replicas, and the role may not see how far they are behind", mend(role)))
                .toList();
    }

    /** The role, where there are replicas that it may not see. */
    private static List<String> hidden(Connection connection) throws SQLException {
        return Query.of(connection, HIDDEN).texts();
    }

    /** Why the signal is off; empty where it is not. */
    public static String off(Connection connection) throws SQLException {
        return hidden(connection).stream()
                .map(role -> "there are replicas, and the role may not see them; " + mend(role))
                .findFirst()
                .orElse("");
    }

    private static String mend(String role) {
        return "GRANT pg_read_all_stats TO " + role + ", or name them in replicas";
    }
}
