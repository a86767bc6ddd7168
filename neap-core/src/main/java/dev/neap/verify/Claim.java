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
        /**
         * What the application itself wrote into both places, while it was watched: where it agrees with the backfill's own
         * expressions, these are right for such rows, as far as Neap had no hand in them.
         */
        APPLICATION,
        /** The partition that a rebuild replaced: proves that what was not to change is as it was. */
        REPLACED
    }

    public Claim {
        columns = List.copyOf(columns);
    }
}
