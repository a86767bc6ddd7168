package dev.neap.dialect;

/** Whether the role of a session may keep in the control tables how far a verification has come. */
public enum Keeping {
    /** It may. */
    KEEPS,
    /** There are no control tables. */
    NO_TABLES,
    /** They are of an earlier version, or the role or the server may not write them. */
    REFUSED
}
