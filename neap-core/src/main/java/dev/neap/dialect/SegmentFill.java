package dev.neap.dialect;

import java.util.Optional;

/**
 * The engine's side of one segment of a fill. Each method is one transaction, looks at the database before it acts, can
 * be called again after a crash, and writes under the unit's fencing token. Failures are {@link NeapException}. Not for
 * use by several threads at once, but for {@link #cancel()}.
 */
public interface SegmentFill extends AutoCloseable {
    /** A batch looks at so many rows at most for each that it may write: a `where` may leave most of them out. */
    int LOOKS_FOR_EACH = 20;

    /** Where the segment really stands. */
    Standing look();

    /**
     * Writes and commits the next batch with its checkpoint.
     *
     * @param rows the most rows that it may write, at least 1; of one row nothing is asked before it is written
     * @param beforeCommit called when everything is written and nothing is committed
     */
    Filled fill(int rows, Runnable beforeCommit);

    /**
     * Goes past the next row, and sets it aside with a cause; unless it only lacks a row that it references, which may be on
     * its way: then it is tried again when everything is walked.
     *
     * @return whether it was set aside
     */
    boolean setAside(String cause);

    /** Records the segment as done. */
    void done();

    /** How the server carries out the statements; empty where it does not tell. */
    default Optional<StatementPlans> plans() {
        return Optional.empty();
    }

    /** Cancels what is being executed now, from any thread. */
    void cancel();

    @Override
    void close();

    /**
     * Where a segment stands.
     *
     * @param rows rows looked at before
     * @param mostRows no batch may have more, for its size in bytes; at least 1
     */
    record Standing(long rows, boolean done, int mostRows) {}

    /**
     * A batch.
     *
     * @param looked rows that it went past
     * @param wanted rows that it meant to write; the measure of its size
     * @param written rows written
     * @param last whether the segment has ended
     * @param bad why its data could not be written; nothing was, then. Empty when all is well
     */
    record Filled(long looked, long wanted, long written, boolean last, String bad) {}
}
