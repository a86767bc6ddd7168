package dev.neap.cli;

import dev.neap.dialect.NeapException;
import dev.neap.run.RunResult;

/** What the process tells its caller. */
final class ExitCode {
    static final int DONE = 0;
    static final int ERROR = 1;
    static final int USAGE = 2;
    static final int STOPPED = 3;
    static final int MISMATCH = 4;
    static final int BREAKER = 5;
    static final int HELD = 6;
    static final int LOCKED_OUT = 7;
    static final int INTERRUPTED = 130;
    static final int TERMINATED = 143;

    private ExitCode() {}

    static int of(RunResult.Outcome outcome) {
        return switch (outcome) {
            case DONE -> DONE;
            case STOPPED, TOO_BUSY -> STOPPED;
            case FAILED -> ERROR;
            case MISMATCH -> MISMATCH;
            case LOCKED_OUT -> LOCKED_OUT;
        };
    }

    static int of(NeapException.Kind kind) {
        return switch (kind) {
            case USAGE -> USAGE;
            case HELD -> HELD;
            case LOCK -> LOCKED_OUT;
            case BUSY, PLAN, STOPPED -> STOPPED;
            case MISMATCH -> MISMATCH;
            case BREAKER -> BREAKER;
            case RETRY, UNKNOWN, LOST_LEASE, UNIT, FULL, STOP -> ERROR;
        };
    }
}
