package dev.neap.control;

import java.util.Locale;

/** Why something is tried again. */
public enum RetryCause {
    /** Somebody was in the way: a lock that was not had in time, an older transaction, writes that came in. */
    LOCK,
    /** The server chose a transaction of Neap's to end a deadlock. */
    DEADLOCK,
    /** Somebody wrote the same rows first. */
    CONFLICT,
    /** A statement took too long, or was given up because somebody waited for its locks. */
    CANCELLED,
    /** The connection was lost, or none could be had. */
    CONNECTION,
    /** Anything else, such as a table that was changed meanwhile. */
    OTHER,
    /** Nothing but time, and nobody was in the way: not counted. */
    EARLY;

    /** As it is written in the control tables: `deadlock`. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
