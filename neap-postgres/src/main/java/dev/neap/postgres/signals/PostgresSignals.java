package dev.neap.postgres.signals;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Canary;
import dev.neap.backfill.OwnSignal;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.postgres.preflight.ReplicaLagCheck;
import dev.neap.postgres.query.ServerIdentity;
import dev.neap.throttle.Batches;
import dev.neap.throttle.Signal;
import dev.neap.throttle.Watched;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Which signals of a backfill this server can give. */
public final class PostgresSignals {
    /** Opens a session of Neap's; whoever gets it closes it. */
    public interface Opener {
        Connection open() throws SQLException;
    }

    /** Opens a session on one standby that the file names. */
    public record Standby(String printable, Opener opener) {}

    private final String run;
    private final Opener primary;
    private final List<Standby> standbys;
    private final BeforeRun before;
    private final Batches batches;

    /** The signals of a process that begins. */
    public PostgresSignals(String run, Opener primary, List<Standby> standbys) {
        this(run, primary, standbys, new BeforeRun(), new Batches(System.nanoTime()));
    }

    /**
     * @param run how the names of the run's sessions begin
     * @param standbys those that the file names; where there is none, the primary is asked which there are
     * @param before what this process has measured
     * @param batches those of this process
     */
    public PostgresSignals(String run, Opener primary, List<Standby> standbys, BeforeRun before, Batches batches) {
        this.run = run;
        this.primary = primary;
        this.standbys = List.copyOf(standbys);
        this.before = before;
        this.batches = batches;
    }

    /**
     * The signals that are on. Those of the server share a session, the user's another, so that neither is late for the
     * other's sake, and none delays the look at who waits for a lock of Neap's. The time of commits has one too.
     *
     * @throws NeapException USAGE where the file asks for one that the server does not give
     */
    public Watched of(Backfill backfill) throws SQLException {
        return of(backfill, true);
    }

    /**
     * Those of them that write nothing, before a run.
     *
     * @throws NeapException USAGE where the file asks for one that the server does not give
     */
    public Watched readOnly(Backfill backfill) throws SQLException {
        return of(backfill, false);
    }

    private Watched of(Backfill backfill, boolean writes) throws SQLException {
        SignalSession session = new SignalSession(primary);
        try {
            return of(backfill, session, writes);
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private Watched of(Backfill backfill, SignalSession session, boolean writes) throws SQLException {
        List<Signal> signals = new ArrayList<>();
        List<String> off = new ArrayList<>();
        Duration lag = backfill.throttle().replicaLag();
        if (lag != null) {
            String hidden = standbys.isEmpty() ? hidden() : "";
            if (hidden.isEmpty()) {
                signals.add(new ReplicaLag(
                        session, replicas(), lag, backfill.breaker().replicaLag()));
            } else if (backfill.throttle().asked()) {
                throw new NeapException(Kind.USAGE, "throttle.replica_lag: " + hidden);
            } else {
                off.add("replica lag is not watched: " + hidden);
            }
        }
        SignalSession users = SignalSession.ofUsers(primary);
        for (OwnSignal own : backfill.throttle().own()) {
            if (own.source() instanceof OwnSignal.Sql query) {
                signals.add(new SqlSignal(users, own, query.sql()));
            }
        }
        Canary canary = backfill.throttle().canary();
        if (canary != null) {
            signals.add(new Latency(users, canary, before));
        }
        if (backfill.throttle().lockWaits() && writesTheApplicationsRows(backfill)) {
            signals.add(new LockWaits(new SignalSession(primary), run, backfill.fills()));
        }
        ServerGauges gauges = new ServerGauges(session, primary, writes, run, backfill, before, batches);
        signals.addAll(gauges.on());
        off.addAll(gauges.off());
        return new Watched(signals, off);
    }

    /** A swap without settling does not. */
    private static boolean writesTheApplicationsRows(Backfill backfill) {
        return backfill.fills()
                || backfill.rebuild().merges()
                || backfill.rebuild().mends();
    }

    private String hidden() throws SQLException {
        try (Connection connection = primary.open()) {
            return ReplicaLagCheck.off(connection);
        }
    }

    private Replica.Source replicas() throws SQLException {
        if (standbys.isEmpty()) {
            try (Connection connection = primary.open()) {
                return new FoundReplicas(before.replicas(ServerIdentity.of(connection)));
            }
        }
        NamedReplicas named = new NamedReplicas();
        standbys.forEach(standby -> named.add(standby.printable(), new SignalSession(standby.opener())));
        return named;
    }
}
