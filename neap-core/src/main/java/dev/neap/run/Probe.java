package dev.neap.run;

import dev.neap.rebuild.Point;
import java.time.Clock;

/**
 * What a test puts in: it is told at each {@link Point}, on the thread that does the work, where it may block; and it says
 * what time it is.
 */
@FunctionalInterface
public interface Probe {
    /** In production. */
    Probe NONE = point -> {};

    void at(Point point);

    /** The clock that hours go by. */
    default Clock clock() {
        return Clock.systemUTC();
    }
}
