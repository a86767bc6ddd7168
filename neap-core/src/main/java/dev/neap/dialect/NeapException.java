package dev.neap.dialect;

import dev.neap.control.RetryCause;

/**
 * A failure that says what is known of its outcome. The message is for people: what was wrong, where, what to do; it
 * never holds a secret.
 */
public final class NeapException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is known, and so what may be done. */
    public enum Kind {
        /** The user's file, command or SQL is wrong: exit 2. */
        USAGE,
        /** It did not happen and may be tried again: deadlock, serialization, lock timeout. */
        RETRY,
        /** A lock or an old snapshot was in the way; nothing happened. */
        LOCK,
        /** It may have happened: look at the database before acting. */
        UNKNOWN,
        /** Somebody else owns the unit or the run by now. */
        LOST_LEASE,
        /** The unit cannot be done; others may. */
        UNIT,
        /** The partition is written faster than it can be followed: later it may be done, by the same command. */
        BUSY,
        /** A verification found a difference. */
        MISMATCH,
        /** The server would read a large table whole for each batch; when that is mended, the same command goes on. */
        PLAN,
        /** Too many rows could not be written: exit 5. */
        BREAKER,
        /** The server has no room left: what is being built takes room that the application needs. */
        FULL,
        /** Nothing more can be done. */
        STOP,
        /** Somebody asked for a stop while no session was at the run; the same command goes on. */
        STOPPED,
        /** A process elsewhere holds the run: exit 6. */
        HELD
    }

    private final Kind kind;
    private final RetryCause retryCause;

    public NeapException(Kind kind, String message) {
        this(kind, retryCause(kind), message);
    }

    public NeapException(Kind kind, String message, Throwable cause) {
        this(kind, retryCause(kind), message, cause);
    }

    /** Something that nobody is in the way of, and that is tried again when it is time. */
    public static NeapException early(String message) {
        return new NeapException(Kind.LOCK, RetryCause.EARLY, message);
    }

    private NeapException(Kind kind, RetryCause retryCause, String message) {
        super(message);
        this.kind = kind;
        this.retryCause = retryCause;
    }

    /** @param retryCause what it counts as where it is tried again */
    public NeapException(Kind kind, RetryCause retryCause, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.retryCause = retryCause;
    }

    private static RetryCause retryCause(Kind kind) {
        return switch (kind) {
            case LOCK -> RetryCause.LOCK;
            case UNKNOWN -> RetryCause.CONNECTION;
            default -> RetryCause.OTHER;
        };
    }

    public Kind kind() {
        return kind;
    }

    /** What it counts as where it is tried again. */
    public RetryCause retryCause() {
        return retryCause;
    }
}
