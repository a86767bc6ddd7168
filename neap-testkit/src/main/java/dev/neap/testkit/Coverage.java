package dev.neap.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How often each kind of happening fell into each phase of the protocol. Safe for many threads. */
public final class Coverage {
    private record Cell(Happening happening, Phase phase) {}

    private final Map<Cell, Integer> counts = new ConcurrentHashMap<>();

    void saw(Happening happening, Phase phase) {
        counts.merge(new Cell(happening, phase), 1, Integer::sum);
    }

    /** Adds what another history saw. */
    public void add(Coverage other) {
        other.counts.forEach((cell, count) -> counts.merge(cell, count, Integer::sum));
    }

    public int count(Happening happening, Phase phase) {
        return counts.getOrDefault(new Cell(happening, phase), 0);
    }

    /** What fell into a phase fewer times than this, in words; empty when the coverage is good enough. */
    public List<String> gaps(int atLeast) {
        List<String> gaps = new ArrayList<>();
        for (Happening happening : Happening.values()) {
            for (Phase phase : Phase.values()) {
                if (happening != Happening.TRUNCATE && count(happening, phase) < atLeast) {
                    gaps.add(happening + " during " + phase + ": " + count(happening, phase) + " < " + atLeast);
                }
            }
        }
        return gaps;
    }

    /** A table for people. */
    public String table() {
        StringBuilder text = new StringBuilder("%-12s".formatted(""));
        for (Phase phase : Phase.values()) {
            text.append("%12s".formatted(phase));
        }
        for (Happening happening : Happening.values()) {
            text.append("\n%-12s".formatted(happening));
            for (Phase phase : Phase.values()) {
                text.append("%12d".formatted(count(happening, phase)));
            }
        }
        return text.toString();
    }
}
