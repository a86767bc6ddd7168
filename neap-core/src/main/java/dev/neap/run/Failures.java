package dev.neap.run;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;

/** The units that were set aside, and what that makes of the run. Safe for many threads. */
final class Failures {
    private final int limit;
    private int count;
    private boolean onlyLater = true;
    private boolean busy;
    private boolean mismatch;

    /** @param limit so many are too many */
    Failures(int limit) {
        this.limit = limit;
    }

    synchronized void add(NeapException why) {
        count++;
        busy |= why.kind() == Kind.BUSY;
        onlyLater &= why.kind() == Kind.LOCK || why.kind() == Kind.BUSY;
        mismatch |= why.kind() == Kind.MISMATCH;
    }

    synchronized int count() {
        return count;
    }

    synchronized boolean tooMany() {
        return count >= limit;
    }

    /** How a run with failed units ends. */
    synchronized RunResult.Outcome outcome() {
        if (mismatch) {
            return RunResult.Outcome.MISMATCH;
        }
        if (count == 0 || !onlyLater) {
            return RunResult.Outcome.FAILED;
        }
        return busy ? RunResult.Outcome.TOO_BUSY : RunResult.Outcome.LOCKED_OUT;
    }
}
