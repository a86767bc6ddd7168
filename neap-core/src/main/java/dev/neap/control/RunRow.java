package dev.neap.control;

import dev.neap.backfill.Pace;
import dev.neap.backfill.RowsPerSecond;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A run as the control tables have it.
 *
 * @param declared the hash of what was declared: a run goes on only with the same
 * @param undoes the run whose partitions this one puts back; 0 for a rebuild
 */
public record RunRow(
        long id,
        String backfill,
        String declared,
        String table,
        String planHash,
        String serverIdentity,
        String state,
        Wish wish,
        @Nullable Long rate,
        Duration pause,
        Duration batchPause,
        long undoes) {
    /** Whether it is done or was given up, and nothing of it goes on. */
    public boolean ended() {
        return state.equals("done") || state.equals("abandoned");
    }

    /** The pace in force. */
    public Pace pace() {
        return new Pace(rate == null ? null : new RowsPerSecond(rate), pause, batchPause);
    }
}
