package dev.neap.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one transaction did: each happening with the partitions that it touched. */
final class Made {
    private final Map<Happening, List<Integer>> seen = new LinkedHashMap<>();
    private final List<Phase> heldThrough = new ArrayList<>();
    private boolean rollback;
    private boolean truncated;

    boolean rollback() {
        return rollback;
    }

    boolean truncated() {
        return truncated;
    }

    void endsInRollback() {
        rollback = true;
    }

    void truncates() {
        truncated = true;
    }

    String how() {
        return seen.toString();
    }

    void saw(Happening happening, int partition) {
        seen.computeIfAbsent(happening, unused -> new ArrayList<>()).add(partition);
    }

    /** It was open with a write in this phase. */
    void through(Phase phase) {
        if (!heldThrough.contains(phase)) {
            heldThrough.add(phase);
        }
    }

    /** Counts it once it has ended, each part in the phase that its partition is in now. */
    void count(Coverage coverage, Phases phases) {
        heldThrough.forEach(phase -> coverage.saw(Happening.HELD_OPEN, phase));
        seen.forEach((happening, partitions) -> {
            for (int partition : partitions) {
                if (!rollback || happening == Happening.ROLLBACK) {
                    coverage.saw(happening, phases.of(partition));
                    phases.wrote(partition);
                }
            }
        });
    }
}
