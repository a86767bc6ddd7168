package dev.neap.run;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;

/** Ends a run whose batches get no locks, each of them in a row. Safe for many threads. */
final class LockTimeouts {
    private final int most;
    private int inARow;

    /** @param most so many in a row are too many, at least 1 */
    LockTimeouts(int most) {
        this.most = most;
    }

    /** Something was written. */
    synchronized void got() {
        inARow = 0;
    }

    /**
     * A batch could not get its locks.
     *
     * @param inTheWay who has them, in words
     * @throws NeapException BREAKER when it was too often
     */
    synchronized void missed(String inTheWay) {
        inARow++;
        if (inARow >= most) {
            throw new NeapException(
                    Kind.BREAKER,
                    inARow + " lock timeouts in a row (breaker.lock_timeouts): " + inTheWay
                            + "; end or outwait who is in the way. What is done is kept, and the same command goes on");
        }
    }
}
