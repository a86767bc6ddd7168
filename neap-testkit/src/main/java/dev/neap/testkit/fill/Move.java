package dev.neap.testkit.fill;

import org.jspecify.annotations.Nullable;

/**
 * One thing that the application does to one key, in both places.
 *
 * @param before the source's row; null for an insert
 * @param after what it becomes; null for a delete
 * @param sourceFirst which place is written first
 */
record Move(Kind kind, @Nullable Person before, @Nullable Person after, boolean sourceFirst) {
    enum Kind {
        INSERT,
        /** A key that was deleted comes back. */
        REINSERT,
        UPDATE,
        /** To an amount, wherever it is in whichever form. Nobody becomes its owner. */
        ADD,
        KEY_CHANGE,
        DELETE,
        SOFT_DELETE,
        SOFT_RETURN,
        /** A column of the source that nothing is made from. */
        OTHER_COLUMN,
        /** A column of the target that only the application knows. */
        REMARK,
        /** A row of the other table that the fill reads, and everything made from it. */
        FILM
    }

    /** The row as it was, or as it is made. */
    Person any() {
        Person row = before == null ? after : before;
        if (row == null) {
            throw new IllegalStateException("a move of no row");
        }
        return row;
    }

    /** The row as it becomes. */
    Person made() {
        if (after == null) {
            throw new IllegalStateException(kind + " makes no row");
        }
        return after;
    }

    String order() {
        return sourceFirst ? "source first" : "target first";
    }
}
