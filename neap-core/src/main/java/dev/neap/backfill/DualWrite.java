package dev.neap.backfill;

/** Who writes the second place while a fill runs, and after it. */
public enum DualWrite {
    /** The application writes both places by itself. */
    APPLICATION,
    /** It writes the walked table alone; a trigger of Neap's writes the other one in the same transaction. */
    TRIGGER
}
