package dev.neap.backfill;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What ends a run at once.
 *
 * @param errorBudget which share of the rows may be errors, from 0 to 1
 * @param replicaLag a replica that stays so far behind ends the run; null where lag does not, or is not watched
 * @param lockTimeouts so often in a row a batch of a fill may fail to get its locks in time, at least 1
 * @param webhook who is told; null for nobody
 * @param onBreaker what becomes of the run
 */
public record BreakerLimits(
        double errorBudget,
        @Nullable Duration replicaLag,
        int lockTimeouts,
        @Nullable WebAddress webhook,
        OnBreaker onBreaker) {
    private static final double BUDGET = 0.0001;
    /** With the pauses between, that is some four minutes. */
    static final int LOCK_TIMEOUTS = 60;

    private static final Duration REPLICA_LAG = Duration.ofSeconds(5);

    public BreakerLimits {
        if (!(errorBudget >= 0 && errorBudget <= 1)) {
            throw new IllegalArgumentException("a budget is a share");
        }
        if (lockTimeouts < 1) {
            throw new IllegalArgumentException("one timeout is the fewest");
        }
    }

    /** What ends a run where the file says nothing. */
    public static BreakerLimits of(Throttle throttle) {
        return new BreakerLimits(BUDGET, defaultLag(throttle.replicaLag()), LOCK_TIMEOUTS, null, OnBreaker.STOP);
    }

    /** The same, which put nothing back. */
    public BreakerLimits toStop() {
        return new BreakerLimits(errorBudget, replicaLag, lockTimeouts, webhook, OnBreaker.STOP);
    }

    /** The same where no replica's lag ends it. */
    public BreakerLimits withoutReplicaLag() {
        return new BreakerLimits(errorBudget, null, lockTimeouts, webhook, onBreaker);
    }

    /** It comes well after the limit at which the run waits. */
    private static @Nullable Duration defaultLag(@Nullable Duration waitsAt) {
        if (waitsAt == null) {
            return null;
        }
        Duration later = waitsAt.multipliedBy(2);
        return later.compareTo(REPLICA_LAG) > 0 ? later : REPLICA_LAG;
    }
}
