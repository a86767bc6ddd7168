package dev.neap.postgres;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Connections;
import dev.neap.backfill.Environment;
import dev.neap.postgres.preflight.ReplicasCheck;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.postgres.rebuild.Standbys;
import dev.neap.postgres.signals.PostgresSignals;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** The hot standbys that a backfill names in `replicas`: how each is reached by who looks at them. */
final class NamedStandbys {
    private final Backfill backfill;

    NamedStandbys(Backfill backfill) {
        this.backfill = backfill;
    }

    private static ConnectionTarget target(String url) {
        return Connections.resolve(url, Environment.system());
    }

    /** What is to be said of them before a run, beside the server that it writes. */
    List<Finding> findings(Connection reading) {
        try {
            return ReplicasCheck.look(
                    reading, backfill, url -> new Sessions(target(url)).open(Sessions.Kind.CONTROL, "neap plan"));
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    /** For those who read signals; nothing is opened yet. */
    List<PostgresSignals.Standby> watched(String session) {
        return backfill.replicas().stream()
                .map(NamedStandbys::target)
                .map(target -> new PostgresSignals.Standby(
                        target.printable(),
                        () -> new Sessions(target).open(Sessions.Kind.CONTROL, session + " signals")))
                .toList();
    }

    /** For a swap, which waits for their readers; nothing is opened yet. */
    Standbys readers() {
        return new Standbys(backfill.replicas().stream()
                .map(NamedStandbys::target)
                .map(target -> new Standbys.Address(
                        target.printable(),
                        () -> new Sessions(target).open(Sessions.Kind.CONTROL, "neap looks for readers")))
                .toList());
    }
}
