package dev.neap.rebuild;

import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.PartitionRebuild.SwapMoments;
import dev.neap.plan.Step;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a unit tells, and asks, of the run that it is part of. */
public interface UnitWatch extends SwapMoments {
    /** A step begins. */
    void enter(Step step);

    /** A named moment. */
    void at(Point point);

    /** Why the unit may not be swapped or merged yet, such as its hours; empty when it may. */
    String notYet();

    /** Says what the unit waits for, until it goes on. */
    void waiting(String why);

    /** Something that belongs in the run's events. */
    void note(String text);

    /** Rows of this unit committed so far. */
    void loaded(long rows);

    /**
     * Tries until it succeeds, with backoff and jitter, and says who is in the way.
     *
     * @throws dev.neap.dialect.NeapException LOCK when the unit's patience has ended
     */
    void patiently(String what, Supplier<Attempt> attempt);

    /** Where the unit may be paused or stopped: nothing is open. */
    void safePoint();

    /** The ceiling of now in rows per second; null for none. */
    @Nullable
    Long rate();

    /** The deliberate wait between two batches. */
    Duration batchPause();

    /** Waits, for the pace. */
    void pace(Duration wait);

    @Override
    default void writersHeld() {
        at(Point.WRITERS_HELD);
    }

    @Override
    default void lastDrainCommitted() {
        at(Point.LAST_DRAIN_COMMITTED);
    }

    @Override
    default void oldSnapshotsGone() {
        at(Point.OLD_SNAPSHOTS_GONE);
    }
}
