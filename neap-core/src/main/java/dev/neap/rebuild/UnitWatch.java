package dev.neap.rebuild;

import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.PartitionRebuild.SwapMoments;
import dev.neap.plan.Step;
import java.time.Duration;
import java.util.function.Supplier;

/** What a unit tells, and asks, of the run that it is part of. */
public interface UnitWatch extends SwapMoments {
    /** A step begins. */
    void enter(Step step);

    /** A named moment. */
    void at(Point point);

    /** Why the unit may not be swapped or merged yet, such as its hours; empty when it may. */
    String notYet();

    /** Why nothing may be written now, by a signal; empty where something may. It does not wait. */
    String mayNotWrite();

    /** Says what the unit waits for, until it goes on. */
    void waiting(String why);

    /** Something that belongs in the run's events. */
    void note(String text);

    /**
     * A row was set aside, and why.
     *
     * @throws dev.neap.dialect.NeapException BREAKER when too much has gone wrong for the run to go on
     */
    void setAside(String cause);

    /** So many rows are not what they should be; 0 when all are. */
    void wrong(long rows);

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

    /** Does a batch: as long as it takes, the run is at work on rows. */
    <T> T batch(Supplier<T> what);

    /** How many rows the next batch may have at the ceiling of now: at most so many, and at least one. */
    int batchRows(int most);

    /**
     * Waits after a batch, so that all units at work stay under the ceiling, and for the deliberate pause.
     *
     * @param rows that it wrote
     * @param beganNanos when it began, on the clock of {@code System.nanoTime}
     */
    void pace(long rows, long beganNanos);

    /** Waits. */
    void pause(Duration wait);

    /** Does what must not be done for two units at once, such as a swap. */
    <T> T alone(Supplier<T> what);

    @Override
    default void beforeTurnOver() {
        at(Point.BEFORE_TURN_OVER);
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
