package dev.neap.testkit;

/** What an application may do to a row or in a transaction. */
public enum Happening {
    INSERT,
    /** A column that Neap does not recompute. */
    UPDATE,
    /** All amounts anew, in the application's form of the moment. */
    REWRITE,
    DELETE,
    /** A deleted key comes back. */
    REINSERT,
    KEY_CHANGE,
    /** Two rows exchange their keys in one transaction. */
    KEY_SWAP,
    /** A row goes to another partition: seen from the one that it leaves. */
    CROSS_OUT,
    /** A row comes from another partition: seen from the one that it enters. */
    CROSS_IN,
    /** A write to a partition under its own name. */
    LEAF_WRITE,
    ROLLBACK,
    SAVEPOINT,
    MANY_ROWS,
    /** A transaction with a write stays open from one step into another, or for a while. */
    HELD_OPEN,
    /** Rare, so no step needs to have seen it. */
    TRUNCATE
}
