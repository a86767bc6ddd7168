package dev.neap.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What one reader saw. Safe for many threads. */
public final class ReaderTally {
    private static final int EXAMPLES = 5;

    private final List<String> examples = new ArrayList<>();
    private long polls;
    private long empties;
    private long mixed;
    private long unbalanced;
    private long unrepeatable;
    private long refused;
    private long cancelled;
    private long longestNanos;

    synchronized void poll(long nanos) {
        polls++;
        longestNanos = Math.max(longestNanos, nanos);
    }

    synchronized void empty(String what) {
        empties++;
        example("empty: " + what);
    }

    synchronized void mixed(String what) {
        mixed++;
        example("mixed: " + what);
    }

    synchronized void unbalanced(String what) {
        unbalanced++;
        example("unbalanced: " + what);
    }

    synchronized void unrepeatable(String what) {
        unrepeatable++;
        example("unrepeatable: " + what);
    }

    synchronized void refused(String what) {
        refused++;
        example("refused: " + what);
    }

    synchronized void cancel() {
        cancelled++;
    }

    private void example(String what) {
        if (examples.size() < EXAMPLES) {
            examples.add(what);
        }
    }

    public synchronized long polls() {
        return polls;
    }

    /** Looks that found rows missing that nobody deleted. */
    public synchronized long empties() {
        return empties;
    }

    /** Looks that found a partition partly in the old form and partly in the new. */
    public synchronized long mixed() {
        return mixed;
    }

    /** All wrong looks and unexpected errors. */
    public synchronized long wrong() {
        return empties + mixed + unbalanced + unrepeatable + refused;
    }

    /** Statements that the server cancelled as it may: serialization, deadlock, a conflict with recovery. */
    public synchronized long cancelled() {
        return cancelled;
    }

    /** The longest that one statement took. */
    public synchronized Duration longest() {
        return Duration.ofNanos(longestNanos);
    }

    @Override
    public synchronized String toString() {
        return polls + " polls, empty " + empties + ", mixed " + mixed + ", unbalanced " + unbalanced
                + ", unrepeatable " + unrepeatable + ", refused " + refused + ", cancelled " + cancelled + ", longest "
                + longestNanos / 1_000_000 + " ms" + (examples.isEmpty() ? "" : " " + examples);
    }
}
