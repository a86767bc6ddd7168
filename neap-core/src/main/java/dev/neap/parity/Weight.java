package dev.neap.parity;

/** What a difference does to a rehearsal, the worst first. */
public enum Weight {
    /** What is seen on the one says nothing about the other. */
    WORTHLESS,
    /** What is seen is right but for this. */
    MATTERS,
    /** Good to know. */
    NOTE
}
