package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** The server and what else is at work there, looked at once for a backfill. */
public final class ServerPreflight {
    private static final List<ServerCheck> CHECKS = List.of(
            new ServerVersionCheck(),
            new WritableServerCheck(),
            new TimeoutsCheck(),
            new ClockCheck(Clock.systemUTC()),
            new ConnectionSlotsCheck(),
            new ReplicationSlotsCheck(),
            new ReplicaLagCheck(),
            new EventTriggersCheck(),
            new ExtensionsCheck(),
            new LongTransactionsCheck());

    private ServerPreflight() {}

    /** What all of them saw; a check that cannot look refuses. */
    public static List<Finding> look(Connection connection, Backfill backfill) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (ServerCheck check : CHECKS) {
            findings.addAll(Unseen.refuses(connection, check.name(), () -> check.look(connection, backfill)));
        }
        return findings;
    }
}
