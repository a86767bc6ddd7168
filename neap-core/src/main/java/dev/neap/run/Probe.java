package dev.neap.run;

import dev.neap.rebuild.Point;

/** Told at each {@link Point}. Called on the thread that does the work; it may block, which is what tests use it for. */
@FunctionalInterface
public interface Probe {
    /** In production. */
    Probe NONE = point -> {};

    void at(Point point);
}
