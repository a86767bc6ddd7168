package dev.neap.dialect;

import java.util.List;

/**
 * A row of which the two sides of a verification do not agree.
 *
 * @param kind in which way
 * @param key the row's key in the walked table, as text
 * @param columns the columns that differ, where both sides have the row; else empty
 * @param cause what the server says against the row, for {@link Kind#FAILED} or where it could not be mended; else empty
 * @param seen both sides' checksums and row versions: as long as it stays the same, nobody has written the row
 */
public record Difference(Kind kind, List<String> key, List<String> columns, String cause, String seen) {
    /** In which way. */
    public enum Kind {
        /** The target lacks the row. */
        MISSING,
        /** Nothing yields this row of the target. */
        EXTRA,
        /** Its values are not those that were expected. */
        WRONG,
        /** What is expected of it cannot be computed: the fill has set it aside, or would. */
        FAILED,
        /** It differed each time that it was looked at, and was written each time in between. */
        UNSETTLED
    }

    public Difference {
        key = List.copyOf(key);
        columns = List.copyOf(columns);
    }

    /** Whether there is something to write in the row's place; what nothing yields is nobody's to write. */
    public boolean canBeWritten() {
        return kind == Kind.MISSING || kind == Kind.WRONG;
    }

    /** The same, with what the server said when it was to be mended. */
    public Difference because(String refusal) {
        return new Difference(kind, key, columns, refusal, seen);
    }

    /** The same, judged otherwise. */
    public Difference as(Kind other) {
        return new Difference(other, key, columns, cause, seen);
    }
}
