package dev.neap.dialect;

import dev.neap.backfill.TableName;
import java.util.List;

/**
 * What is left of a partition that a unit has replaced, for a verification of the one that it made.
 *
 * @param kept where the replaced one is, or was
 * @param key the columns by which a row of either is known, in order; at least one
 * @param columns all that both have and that can be written, in order
 * @param others columns that only one of the two has by now, or that have another type there
 * @param unsteady columns whose recompute need not yield the same each time
 * @param refusal why the two cannot be compared, in words; empty where they can. The lists are empty otherwise
 */
public record Replaced(
        TableName kept,
        List<String> key,
        List<String> columns,
        List<String> others,
        List<String> unsteady,
        String refusal) {
    public Replaced {
        key = List.copyOf(key);
        columns = List.copyOf(columns);
        others = List.copyOf(others);
        unsteady = List.copyOf(unsteady);
        if (refusal.isEmpty() && !columns.containsAll(key)) {
            throw new IllegalArgumentException("rows are compared by columns that both have");
        }
    }

    /** One that cannot be compared. */
    public static Replaced not(TableName kept, String why) {
        return new Replaced(kept, List.of(), List.of(), List.of(), List.of(), why);
    }

    /** Whether the two can be compared. */
    public boolean comparable() {
        return refusal.isEmpty();
    }
}
