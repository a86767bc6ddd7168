package dev.neap.testkit.fill;

import java.util.List;

/** What a history fills, and under which conflict rules its end is exact. */
public enum FillShape {
    /** A column of the same table, from the row itself. */
    COLUMN(Conflict.KEEP, Conflict.OVERWRITE),
    /** The same by a transform that must not be applied twice: `already_right` tells which rows had it. */
    COLUMN_ONCE(Conflict.KEEP),
    /** A column from another table. */
    COLUMN_FROM_OTHER(Conflict.KEEP),
    /** Another table, one row to one. */
    TABLE(Conflict.KEEP, Conflict.OVERWRITE, Conflict.NEWER),
    /** Another table, one row to one or to none. */
    TABLE_WHERE(Conflict.KEEP, Conflict.OVERWRITE, Conflict.NEWER),
    /** Another table, one row to some or to none. */
    TABLE_MANY(Conflict.KEEP, Conflict.OVERWRITE),
    /** Two other tables, of which one references the other. */
    TABLE_TWO(Conflict.KEEP);

    private final List<Conflict> conflicts;

    FillShape(Conflict... conflicts) {
        this.conflicts = List.of(conflicts);
    }

    List<Conflict> conflicts() {
        return conflicts;
    }

    /** Whether a transform in Java fills it: one is given nothing but a row. Two tables are filled in SQL alone. */
    public boolean inJava() {
        return this != COLUMN_FROM_OTHER && this != TABLE_TWO;
    }

    /** True when source and target are two tables: then a row can be missing or come back. */
    boolean otherTable() {
        return this == TABLE || this == TABLE_WHERE || this == TABLE_MANY || this == TABLE_TWO;
    }
}
