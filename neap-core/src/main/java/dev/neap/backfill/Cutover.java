package dev.neap.backfill;

/** How a verified shadow becomes what readers see. */
public enum Cutover {
    /** It takes the live partition's place in one instant. */
    SWAP,
    /** Only its differences are written into the live partition, a few rows at a time. */
    MERGE,
    /** It is kept caught up, and swapped when a person says so or in the hours that the file names. */
    HOLD
}
