package dev.neap.backfill;

/** Who may approve a plan. */
public enum Approver {
    /** Whoever may write the control tables. */
    ANY,
    /** A role of the database other than the one that runs the plan. */
    OTHER
}
