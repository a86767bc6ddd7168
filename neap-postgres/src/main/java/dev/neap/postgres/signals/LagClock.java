package dev.neap.postgres.signals;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Tells from places in the primary's log how old the oldest change is that a replica has not replayed. (Times that a
 * replica tells mislead: while replay is paused they stand still, and where nothing is written they grow.) It errs by one
 * polling time at most. Not for use by several threads.
 */
final class LagClock {
    /** At two looks a second more than half an hour; a longer lag reads as that. */
    private static final int MOST = 4_096;

    /** Where the log ended when it was first seen to end there. */
    private record Mark(long nanos, long end) {}

    private final Deque<Mark> marks = new ArrayDeque<>();
    private long first = Long.MAX_VALUE;

    /** The primary's log ends here now. */
    void ends(long end, long nowNanos) {
        first = Math.min(first, end);
        if (marks.isEmpty() || marks.getLast().end() != end) {
            marks.add(new Mark(nowNanos, end));
        }
        if (marks.size() > MOST) {
            marks.remove();
        }
    }

    /**
     * How many seconds a replica is behind, or more where {@link #knows} is false.
     *
     * @param replayed up to where it has replayed the log
     */
    double behind(long replayed, long nowNanos) {
        for (Mark mark : marks) {
            if (mark.end() > replayed) {
                return (nowNanos - mark.nanos()) / 1e9;
            }
        }
        return 0;
    }

    /** Whether the replica has come to where the log ended at the first look: how old what is before that is, nobody knows. */
    boolean knows(long replayed) {
        return replayed >= first;
    }
}
