package dev.neap.postgres.fill;

import dev.neap.fill.Transformer;
import dev.neap.transform.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows that were read for a transform, and what became of them.
 *
 * @param read as they were read
 * @param cut whether there were more than fit into memory at once, so that they end with the last one here
 * @param outcome for each its new rows; or why there are none
 */
record Made(List<Read> read, boolean cut, Transformer.Outcome outcome) {
    /**
     * A row.
     *
     * @param key as text
     * @param version its `xmin`; null for a row as it was
     * @param seen what the transform reads, as one text; null where only the version counts
     */
    record Read(
            List<String> key,
            @Nullable String version,
            @Nullable String seen,
            Row row) {}

    String bad() {
        return outcome.bad();
    }

    /** How many new rows there are. */
    long yielded() {
        return outcome.made().stream().mapToLong(List::size).sum();
    }
}
