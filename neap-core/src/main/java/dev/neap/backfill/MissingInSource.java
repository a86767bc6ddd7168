package dev.neap.backfill;

/** What becomes of a row of the live partition whose key the source does not yield. There is no default. */
public enum MissingInSource {
    /** It is kept as it is. */
    KEEP,
    /** It is not in the rebuilt partition. */
    DROP
}
