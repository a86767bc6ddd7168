package dev.neap.dialect;

import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.preview.Preview;
import dev.neap.preview.PreviewRequest;

/**
 * Recomputes rows and compares them with the live ones, in one read-only transaction that ends by itself after a time.
 * What it holds in memory does not grow with the unit. Not for use by several threads at once.
 */
public interface Previewer {
    /**
     * Looks at one unit.
     *
     * @param plan compiled a moment ago, by the same server
     * @param unit one of its units
     * @throws NeapException of kind USAGE when the recompute does not compile, fails on a row, or writes; LOCK when a lock
     *     was in the way; STOP when it took too long
     */
    Preview preview(Plan plan, PlannedUnit unit, PreviewRequest request);
}
