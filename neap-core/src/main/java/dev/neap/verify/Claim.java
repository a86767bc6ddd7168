package dev.neap.verify;

import java.util.List;

/**
 * What was compared with what.
 *
 * @param columns of the target
 * @param basis where the expected values come from
 */
public record Claim(List<String> columns, Basis basis) {
    /** Where expected values come from, and so what their agreement proves. */
    public enum Basis {
        /** The backfill's own expressions, computed again: proves the copying, and nothing of the expressions. */
        TRANSFORM,
        /** The file's `expect`, an independent expression: proves the expressions, as far as it is independent. */
        EXPECT,
        /** The partition that a rebuild replaced: proves that what was not to change is as it was. */
        REPLACED
    }

    public Claim {
        columns = List.copyOf(columns);
    }
}
