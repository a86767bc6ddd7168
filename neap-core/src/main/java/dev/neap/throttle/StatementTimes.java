package dev.neap.throttle;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How many times as long the application's statements take as before the run, by what the server has counted of each. The
 * same statements are compared: of those of the last looks, what they took, against what as many calls of each took before
 * the run. So other statements than before, or more of them, change nothing.
 */
public final class StatementTimes {
    /** So many looks, after the first, make what later ones are compared with; then so many last ones count. */
    static final int LOOKS = 5;

    /** Fewer calls tell nothing. */
    static final long FEWEST = 10;

    /** What a call takes at least: that a hundredth of a millisecond becomes a twentieth is noise. */
    private static final double LEAST_MS = 0.1;

    private static final String WHOSE = "the application";

    /**
     * What the server has counted of one statement since it began to count.
     *
     * @param statement what tells it from others
     * @param calls how often it has ended
     * @param ms how long all of them took together
     */
    public record Count(String statement, long calls, double ms) {
        private Count plus(Count more) {
            return new Count(statement, calls + more.calls, ms + more.ms);
        }

        private double mean() {
            return Math.max(LEAST_MS, ms / calls);
        }
    }

    /** How far back a value tells, by the time between two looks. */
    public static Duration memory(Duration every) {
        return every.multipliedBy(LOOKS);
    }

    private Map<String, Count> seen = Map.of();
    private String countedSince = "";
    private int measured = -1;
    private final Map<String, Count> before = new HashMap<>();
    private final Deque<List<Count>> last = new ArrayDeque<>();

    /**
     * A look at what the server has counted.
     *
     * @param since when it began to count: where that is another moment than before, this look begins anew, and what was
     *     known until then stays
     * @param counts of each statement, once
     * @return how many times as long they take of late; 1 where too few were called to tell, and why nobody knows while it
     *     is measured what they take without the run
     */
    public synchronized Reading looked(String since, Collection<Count> counts) {
        boolean anew = !since.equals(countedSince);
        List<Count> grown = anew
                ? List.of()
                : counts.stream()
                        .map(this::growth)
                        .filter(count -> count.calls() > 0)
                        .toList();
        countedSince = since;
        seen = new HashMap<>();
        counts.forEach(count -> seen.put(count.statement(), count));
        if (measured < LOOKS) {
            measure(anew, grown);
            return Reading.none(
                    "how long statements take without the run is measured, " + measured + " of " + LOOKS + " times");
        }
        if (!anew) {
            last.add(grown);
            if (last.size() > LOOKS) {
                last.remove();
            }
        }
        return compared();
    }

    /** What came since the last look; nothing of a statement that was not there, or that somebody set back. */
    private Count growth(Count now) {
        Count then = seen.get(now.statement());
        return then == null || now.calls() < then.calls() || now.ms() < then.ms()
                ? new Count(now.statement(), 0, 0)
                : new Count(now.statement(), now.calls() - then.calls(), now.ms() - then.ms());
    }

    private void measure(boolean anew, List<Count> grown) {
        if (measured >= 0 && anew) {
            return;
        }
        measured++;
        grown.forEach(count -> before.merge(count.statement(), count, Count::plus));
        if (measured == LOOKS) {
            before.values().removeIf(count -> count.calls() < FEWEST);
        }
    }

    private Reading compared() {
        long calls = 0;
        double took = 0;
        double expected = 0;
        for (List<Count> look : last) {
            for (Count count : look) {
                Count known = before.get(count.statement());
                if (known != null) {
                    calls += count.calls();
                    took += count.calls() * count.mean();
                    expected += count.calls() * known.mean();
                }
            }
        }
        if (calls < FEWEST) {
            return Reading.of(1, WHOSE + " (too few calls to tell)");
        }
        return Reading.of(
                took / expected,
                String.format(
                        Locale.ROOT,
                        "%s (now %.1f ms a call, before the run %.1f ms)",
                        WHOSE,
                        took / calls,
                        expected / calls));
    }
}
