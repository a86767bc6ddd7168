package dev.neap.verify;

import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a verification heeds while it goes on, and whom it tells. Not for use by several threads at once.
 *
 * <p>Where a method says that it throws STOPPED, somebody has asked for the stop, or a signal was silent for too long.
 */
public interface VerifyWatch {
    /**
     * Waits as long as the signals say so; to be called while nothing is under way.
     *
     * @throws NeapException STOPPED; BREAKER when a signal was too bad for too long
     */
    void safePoint();

    /**
     * Waits.
     *
     * @throws NeapException STOPPED
     */
    void sleep(Duration howLong);

    /** Waits, though somebody may have asked for a stop: what was begun is brought to its end. */
    void sleepOn(Duration howLong);

    /** It waits for this, in words for a person; who is in the way is named. */
    void waiting(String why);

    /**
     * The comparison of a table begins.
     *
     * @param about about how many rows are to be compared
     * @param before how many of them an earlier process has compared
     */
    void begins(TableName table, long about, long before);

    /** So many rows more were read, zero or more. */
    void read(long rows);

    /** How many rows it may read in a second, at least 1; null for no ceiling. */
    @Nullable
    Long speed();
}
