package dev.neap.dialect;

import dev.neap.dialect.PartitionRebuild.Attempt;
import java.util.Optional;

/**
 * The engine's side of a fill as a whole: what its segments share. Each method is one transaction or a few, looks at the
 * database before it acts, can be called again after a crash, and writes under the run's lease. Failures are
 * {@link NeapException}. Not for use by several threads at once, but for {@link #cancel()}.
 */
public interface TableFill extends AutoCloseable {
    /** Starts what must be there before the first batch: capture, sequences moved. */
    Attempt begin();

    /**
     * Reconciles what the application wrote meanwhile to the walked table.
     *
     * @param keys the most keys of one transaction, at least 1
     * @param beforeCommit called when everything is written and nothing is committed
     */
    CaughtUp catchUp(int keys, Runnable beforeCommit);

    /**
     * Sets aside the key that {@link #catchUp} or {@link #look} of one row could not write; unless it only lacks a row that
     * it references, which may be on its way: then it is tried once more.
     *
     * @return whether it was set aside
     */
    boolean setAside(String cause);

    /** Every segment is done: what waits for a row that it references is tried once more, soon. */
    void walked();

    /**
     * Looks for rows that were missed, the next part of the key.
     *
     * @param rows the most rows to look at, at least 1
     */
    Looked look(int rows);

    /**
     * Whether the look that has ended found something, so that another must show that nothing is left. Asked once what it
     * found is reconciled.
     */
    boolean lookAgain();

    /** Who still works with what was there before the last row was put in, in words; empty when nobody. Locks nothing. */
    String stillOpen();

    /** Whether the application's writes are captured: not where columns of the walked rows are filled. */
    boolean captures();

    /** Whether capture has been stopped for good, so that nothing but tidying is left. */
    boolean ended();

    /** Stops capture if nothing is left to reconcile, and tidies. */
    Attempt end();

    /**
     * Tries once more what the trigger that stands in for the application could not carry over, and what was set aside;
     * what cannot be written still is in the quarantine with its cause. For when every table of the run is filled: capture
     * of the first ones ended long before.
     */
    default Attempt mendMissed() {
        return Attempt.GOT;
    }

    /** How the server carries out the statements of {@link #catchUp}; empty where it does not tell. */
    default Optional<StatementPlans> reconcilePlans() {
        return Optional.empty();
    }

    /** How the server carries out the statements of {@link #look}; empty where it does not tell. */
    default Optional<StatementPlans> lookPlans() {
        return Optional.empty();
    }

    /** Cancels what is being executed now, from any thread. */
    void cancel();

    @Override
    void close();

    /**
     * What was reconciled.
     *
     * @param keys keys looked at
     * @param more whether more may be recorded that could be reconciled now
     * @param bad why the data could not be written; nothing was, then. Empty when all is well
     */
    record CaughtUp(long keys, boolean more, String bad) {}

    /**
     * A part of a look.
     *
     * @param found rows that were missed, in this part
     * @param last whether the look over everything has ended
     * @param bad why a row that was missed cannot be written; nothing was, then. Empty when all is well
     */
    record Looked(long found, boolean last, String bad) {}
}
