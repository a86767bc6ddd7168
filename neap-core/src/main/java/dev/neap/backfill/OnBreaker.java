package dev.neap.backfill;

/** What becomes of a run that the breaker ended. */
public enum OnBreaker {
    /** It stops: what is done is kept, and the same command goes on. */
    STOP,
    /** What it swapped is put back. */
    UNDO
}
