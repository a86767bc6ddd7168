package dev.neap.backfill;

/** Which form the application writes by now. */
public enum ApplicationWrites {
    /** The application still writes rows that need the recompute. */
    OLD,
    /** The application was fixed: what it writes is in the new form already. */
    NEW
}
