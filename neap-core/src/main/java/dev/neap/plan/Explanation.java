package dev.neap.plan;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the server would carry out the statements of a fill, or what those of a rebuild read.
 *
 * @param statements each statement of the first segment's first batch, and of what follows it; of a rebuild of its first
 *     partition
 * @param batches the first batches of a fill, a few of them
 * @param notes what a reader must know to read the plans right
 * @param rehearsal what executing a sample has shown; null where nothing was executed
 */
public record Explanation(
        List<Statement> statements,
        List<Batch> batches,
        List<String> notes,
        @Nullable Rehearsal rehearsal) {
    public Explanation {
        statements = List.copyOf(statements);
        batches = List.copyOf(batches);
        notes = List.copyOf(notes);
    }

    /**
     * One statement.
     *
     * @param settings what is set before it, for its transaction; empty for nothing
     * @param verdict which indexes it uses, or which to make, in words
     * @param actual what executing it took; null where it was not executed
     */
    public record Statement(
            StatementPlan plan,
            String settings,
            String verdict,
            @Nullable Actual actual) {}

    /**
     * An execution.
     *
     * @param rows rows that it yielded or wrote
     * @param walBytes bytes of log
     * @param json the server's own account of it
     */
    public record Actual(long rows, Duration took, long walBytes, String json) {}

    /**
     * The bounds of a batch.
     *
     * @param after it begins after this key; null where it has no beginning
     * @param upTo it ends with this key
     * @param looked rows that it goes past
     * @param wanted rows that it means to write
     */
    public record Batch(@Nullable List<String> after, List<String> upTo, long looked, long wanted) {}

    /**
     * What a sample, executed and rolled back, tells of the whole.
     *
     * @param rows rows of the sample
     * @param duration how long all rows would take, with one worker, under the ceiling of the pace
     * @param walBytes bytes of log that all rows would write
     * @param leaves what a transaction leaves behind though it is rolled back
     */
    public record Rehearsal(long rows, Duration duration, long walBytes, List<String> leaves) {
        public Rehearsal {
            leaves = List.copyOf(leaves);
        }
    }
}
