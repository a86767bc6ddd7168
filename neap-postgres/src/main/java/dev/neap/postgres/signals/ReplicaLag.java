package dev.neap.postgres.signals;

import dev.neap.postgres.query.Query;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How far the replica that is farthest behind is behind. Without any replica it is zero. */
final class ReplicaLag implements Signal {
    private static final Duration EVERY = Duration.ofMillis(500);
    /** What is not flushed cannot be at a replica. */
    private static final String LOG_ENDS = "SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint";

    private final SignalSession primary;
    private final Replica.Source replicas;
    private final Limits limits;
    private final LagClock clock = new LagClock();

    /**
     * @param limit nothing is written while a replica is so far behind
     * @param trips a replica that stays so far behind ends the run; null for none
     */
    ReplicaLag(SignalSession primary, Replica.Source replicas, Duration limit, @Nullable Duration trips) {
        this.primary = primary;
        this.replicas = replicas;
        double seconds = limit.toMillis() / 1e3;
        double end = trips == null ? Double.POSITIVE_INFINITY : trips.toMillis() / 1e3;
        this.limits = new Limits("replica lag", Limits.Unit.SECONDS, seconds / 2, seconds, EVERY, Duration.ZERO, end);
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public Reading read() {
        return primary.read(this::look);
    }

    private Reading look(Connection connection) throws SQLException {
        clock.ends(Query.of(connection, LOG_ENDS).number(), System.nanoTime());
        Reading worst = Reading.of(0, "");
        for (Replica replica : replicas.look(connection)) {
            Reading reading = reading(replica);
            if (reading.missed()) {
                return reading;
            }
            worst = reading.value() > worst.value() ? reading : worst;
        }
        return worst;
    }

    private Reading reading(Replica replica) {
        if (replica.replayed().isEmpty()) {
            return Reading.none("replica " + replica.name() + ": " + replica.why());
        }
        long replayed = replica.replayed().getAsLong();
        double behind = clock.behind(replayed, System.nanoTime());
        return clock.knows(replayed) || behind >= limits.limit()
                ? Reading.of(behind, replica.name())
                : Reading.none("replica " + replica.name()
                        + ": it has not yet replayed what was there when it was first looked at");
    }

    @Override
    public void close() {
        replicas.close();
        primary.close();
    }
}
