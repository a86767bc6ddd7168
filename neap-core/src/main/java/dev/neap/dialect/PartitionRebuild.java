package dev.neap.dialect;

import dev.neap.control.RetryCause;
import dev.neap.plan.Step;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The engine's side of rebuilding one partition. Each method is one step or one transaction of the protocol, looks at
 * the database before it acts, can be called again after a crash, and writes under the unit's fencing token. Failures
 * are {@link NeapException}. Not for use by several threads at once, but for {@link #cancel()}.
 */
public interface PartitionRebuild extends AutoCloseable {
    /** Where the unit really stands, from the control tables and the catalog. */
    Standing look();

    /** Fingerprints the live partition and makes the empty shadow. */
    void makeShadow();

    /** Starts the capture of changes to the live partition. */
    Attempt startCapture();

    /**
     * Loads and commits the next batch with its checkpoint.
     *
     * @param rows about how many rows, at least 1
     * @param beforeCommit called when everything is written and nothing is committed
     */
    Loaded load(int rows, Runnable beforeCommit);

    /**
     * Replays captured changes and commits.
     *
     * @param changes the most changes of one transaction, at least 1
     * @param beforeCommit called when everything is written and nothing is committed
     */
    Drained drain(int changes, Runnable beforeCommit);

    /** What is still to be built on the shadow, in order: indexes, keys, the proven bound, statistics. */
    List<Finishing> finishing();

    /** Records that the unit is in a step from now on. */
    void entered(Step step);

    /** What can be tidied without a lock, so that the swap has less to look at. */
    void tidyBeforeSwap();

    /** Compares the shadow with the live partition in one snapshot. */
    Verified verify(Map<String, String> assertions);

    /** Who would be in the way of a swap now; empty when nobody. Locks nothing. */
    String inTheWayOfSwap();

    /** One attempt at the swap, under one deadline. */
    Attempt swap(SwapMoments moments);

    /**
     * Writes the next rows that differ from the shadow into the live partition, and commits them with a checkpoint. Rows
     * that somebody else has locked, or that changed since the last drain, are left as they are.
     *
     * @param rows the most rows of one transaction, at least 1
     * @param beforeCommit called when everything is written and nothing is committed
     */
    Merged merge(int rows, Runnable beforeCommit);

    /**
     * Looks, in one snapshot, whether every row that did not change since the last drain is as in the shadow; if so,
     * records the unit as done. What changed since is captured, and settled like after a swap.
     *
     * @param beforeCommit called when the unit is recorded as done and nothing is committed
     */
    Attempt finishMerge(Runnable beforeCommit);

    /** Drops the shadow of a done unit that was merged. Who was in the way is left to settling. */
    void tidyAfterMerge();

    /**
     * In a done partition, recomputes rows that arrived in the old form; the last round took all that had come before the
     * first. Capture goes on.
     *
     * @param rows the most changed rows that one transaction looks at, at least 1; it writes those in the old form
     */
    Settled mend(int rows);

    /**
     * In a done partition, recomputes rows that arrived in the old form; at the end stops capture.
     *
     * @param rows the most changed rows that one transaction looks at, at least 1
     */
    Settled settle(int rows);

    /** Drops the shadow and puts the unit back to its beginning; capture stays. */
    Attempt startOver();

    /** Drops everything of a unit that is set aside: shadow, capture, checks. */
    Attempt abandon();

    /** How long the swap held its exclusive locks; zero before it. */
    Duration lockHeld();

    /** Cancels what is being executed now, from any thread. */
    void cancel();

    @Override
    void close();

    /** The moments inside a swap. */
    interface SwapMoments {
        /** Writers of the live partition are about to be held off for the last drain. */
        void beforeTurnOver();

        /** Every change is in the shadow, committed, and each later one will be with its own transaction. */
        void lastDrainCommitted();

        /** No snapshot is left that could miss rows of the shadow; the swap's locks are about to be asked for. */
        void oldSnapshotsGone();
    }

    /**
     * Where a unit stands.
     *
     * @param step the step to go on with
     * @param done whether its swap has committed
     * @param voided why what was built cannot be used and the unit must start over; empty when it can
     */
    record Standing(Step step, boolean done, long rowsLoaded, String voided) {}

    /**
     * One try for something that needs locks.
     *
     * @param inTheWay who or what was in the way of one that missed
     * @param cause what a miss counts as
     */
    record Attempt(boolean got, String inTheWay, RetryCause cause) {
        public static final Attempt GOT = new Attempt(true, "", RetryCause.OTHER);

        public static Attempt missed(String inTheWay) {
            return new Attempt(false, inTheWay, RetryCause.LOCK);
        }

        /** It was not tried yet: nobody was in the way. */
        public static Attempt early(String why) {
            return new Attempt(false, why, RetryCause.EARLY);
        }

        /** What failed and may be tried again. */
        public static Attempt missed(NeapException why) {
            return missed(why, List.of());
        }

        /** The same, with who was in the way where that is known. */
        public static Attempt missed(NeapException why, List<String> who) {
            String inTheWay = who.isEmpty() ? String.valueOf(why.getMessage()) : String.join("; ", who);
            return new Attempt(false, inTheWay, why.retryCause());
        }
    }

    /** A loaded batch: rows written, and whether it was the last. */
    record Loaded(long rows, boolean last) {}

    /**
     * Replayed changes.
     *
     * @param voided why the shadow cannot be used any more and the unit must start over; empty when it can
     * @param behind about how many changes are left
     */
    record Drained(long changes, boolean more, String voided, long behind) {
        /** One that leaves none. */
        public Drained(long changes, boolean more, String voided) {
            this(changes, more, voided, 0);
        }
    }

    /** One thing to build on the shadow. */
    interface Finishing {
        /** What is built, for people. */
        String name();

        Attempt run();
    }

    /**
     * A comparison.
     *
     * @param rows rows compared
     * @param differences what differs, in words, empty when all is as it should be
     * @param rowsWrong rows that differ; 0 where only an assertion does not hold
     */
    record Verified(long rows, List<String> differences, long rowsWrong) {}

    /** A merged batch: rows written, how long they were locked, and whether the pass over the partition has ended. */
    record Merged(long rows, Duration locked, boolean last) {}

    /** A round of settling: rows recomputed, and whether the unit is settled for good. */
    record Settled(long rows, boolean last, String inTheWay) {}
}
